"""Query logs: read, normalised, cut into sessions and split; and the embedded sessions."""

import gzip
from datetime import datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from sklearn_xmr.datasets import (
    QueryLog,
    cut_sessions,
    load_book_subjects,
    load_subject_sessions,
    normalize_query,
    read_query_log,
    split_by_time,
)

HOUR = 3600
# Reckoned by hand: 36 years of 365 days and 9 leap days, then January and February.
MARCH_2006 = (36 * 365 + 9 + 31 + 28) * 24 * HOUR


@pytest.fixture
def write(tmp_path):
    def write(content, name="log.tsv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_read(write):
    lines = [
        f"7\t{MARCH_2006}\tbirds",
        "7\t2006-03-01 01:00:00\tbird song",
        "8\t2006-03-01T02:00:00.5\t Lärm\u2028 ",
        "9\t2006-03-01T05:00:00+02:00\tx\0y",
        "9\t2006-03-01T04:00:00Z\t",
        "9\t20060301T05\tz",
        f"9\t{MARCH_2006 + 0.25}\tz",
    ]
    expected = QueryLog(
        ["7", "7", "8", "9", "9", "9", "9"],
        MARCH_2006 + HOUR * np.array([0, 1, 2 + 0.5 / HOUR, 3, 4, 5, 0.25 / HOUR]),
        ["birds", "bird song", " Lärm\u2028 ", "x\0y", "", "z", "z"],
    )
    plain = "\n".join(lines).encode()
    variants = [
        plain,
        plain + b"\n\n",
        b"\xef\xbb\xbf" + plain,
        plain.replace(b"\n", b"\r\n"),
        gzip.compress(plain),
        gzip.compress(plain[:50]) + gzip.compress(plain[50:]),
    ]
    for content in variants:
        log = read_query_log(write(content))
        assert log.users == expected.users
        assert log.queries == expected.queries
        assert log.times.dtype == np.float64
        assert_array_equal(log.times, expected.times)
    assert read_query_log(str(write(plain))).users == expected.users


def test_columns_and_header(write):
    path = write("User\tQuery\tTime\tRank\nann\tbirds\t5\t\nbob\tfish\t6\t1\n")
    log = read_query_log(path, columns=(0, 2, 1), header=True)
    assert (log.users, log.times.tolist(), log.queries) == (
        ["ann", "bob"],
        [5, 6],
        ["birds", "fish"],
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\t1\tb\na\t1\n", "line 2: expected 3 columns, separated by tabs, got 2"),
        ("a\t1\tb\na\t1\tb\tc\n", "line 2: expected 3 columns, .* got 4"),
        ("a\t1\n", "line 1: expected 3 columns, .* got 2"),
        ("\na,1,b\n", "line 2: expected 3 columns, .* got 1"),
        ("a\t1\tb\na\tnoon\tb\n", "line 2: time must be .* got 'noon'"),
        ("a\tnan\tb\n", "line 1: time must be .* got 'nan'"),
        ("a\t1e999\tb\n", "line 1: time must be"),
        ("a\t\tb\n", "line 1: time must be .* got ''"),
        ("a\t2006-02-29\tb\n", "line 1: time must be"),
        (b"a\t1\tb\na\t1\t\xff\n", "line 2: not UTF-8"),
        (b"a\t1\t\xed\xa0\x80\n", "line 1: not UTF-8"),
        ("", "no queries"),
        ("\n\n", "no queries"),
        (gzip.compress(b"a\t1\tb\n" * 100, mtime=0)[:-12], "not a complete gzip file"),
        (gzip.compress(b"a\t1\tb\n", mtime=0)[:-1] + b"x", "not a complete gzip file"),
        (gzip.compress(b"a\t1\tb\n", mtime=0) + b"rubbish", "not a complete gzip file"),
        (b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 20, "not a complete gzip file"),
    ],
)
def test_what_is_wrong_with_a_file(write, content, message):
    path = write(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_query_log(path)
    assert str(path) in str(caught.value)


def test_a_header_alone_is_no_log(write):
    with pytest.raises(ValueError, match="no queries"):
        read_query_log(write("user\ttime\tquery\n"), header=True)


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_query_log(tmp_path / "missing.tsv")


@pytest.mark.parametrize("columns", [(0, 1), (0, 1, 1), (0, 1, -1), (0, 1, 2.0), (0, 1, True)])
def test_wrong_columns(write, columns):
    with pytest.raises(ValueError, match="columns must be"):
        read_query_log(write("a\t1\tb\n"), columns=columns)


@pytest.mark.parametrize(
    ("query", "options", "normalized"),
    [
        ("  Data \t\u00a0Mining\n", {}, "data mining"),
        ("  Data  Mining ", {"lowercase": False}, "Data Mining"),
        ("Data ", {"is_prefix": True}, "data "),
        ("Data\t\n", {"is_prefix": True}, "data "),
        ("  Data", {"is_prefix": True}, "data"),
        ("   ", {"is_prefix": True}, ""),
        ("", {}, ""),
        ("\ud800X", {}, "\ud800x"),
    ],
)
def test_normalize_query(query, options, normalized):
    assert normalize_query(query, **options) == normalized


def test_normalize_query_wants_text():
    with pytest.raises(TypeError, match="query must be a str, got None"):
        normalize_query(None)


# Two users; the log is not in order of time.
LOG = QueryLog(
    ["ann", "bob", "ann", "ann", "bob", "ann", "bob"],
    [4000, 10, 0, 1800, 20, 3601, 30],
    ["Violin", "x", "Birds", "birds ", "y", " ", "x"],
)


def test_cut_sessions():
    # ann: birds, birds after 1800 s, blank after 1801 s, violin after 399 s. bob: x, y, x.
    assert cut_sessions(LOG) == [["birds"], ["x", "y", "x"], ["violin"]]
    assert cut_sessions(LOG, gap=1801) == [["birds", "violin"], ["x", "y", "x"]]
    assert cut_sessions(LOG, gap=np.inf) == [["birds", "violin"], ["x", "y", "x"]]
    assert cut_sessions(LOG, gap=5) == [
        ["birds"],
        ["x"],
        ["y"],
        ["x"],
        ["birds"],
        ["violin"],
    ]


def test_cut_sessions_without_normalisation():
    assert cut_sessions(LOG, normalize=None) == [
        ["Birds", "birds "],
        ["x", "y", "x"],
        [" ", "Violin"],
    ]
    upper = cut_sessions(LOG, normalize=str.upper)
    assert upper == [["BIRDS", "BIRDS "], ["X", "Y", "X"], [" ", "VIOLIN"]]


def test_equal_times_keep_the_order_of_the_log():
    assert cut_sessions((["u"] * 4, [1, 1, 1, 0], ["d", "c", "b", "a"])) == [["a", "d", "c", "b"]]


def test_what_was_asked_while_typing_is_collapsed():
    typed = ["b", "bi", "birds", "birds", "bird", "bi", "bik", "bikes", "bike", "blue bike"]
    times = [0, 1, 2, 10, 11, 12, 13, 14, 15, 60]
    log = ["u"] * len(typed), times, typed
    assert cut_sessions(log, collapse_typed=0.5) == [typed[:3] + typed[4:]]
    # "bike" is where the user stopped to type; "birds" was whole before letters were taken back.
    assert cut_sessions(log, collapse_typed=1) == [["birds", "bikes", "bike", "blue bike"]]
    assert cut_sessions(log, collapse_typed=100) == [["birds", "bikes", "blue bike"]]
    assert cut_sessions(log, collapse_typed=np.inf)[0][-1] == "blue bike"
    # What is left may be the same again.
    log = ["u"] * 3, [0, 1, 2], ["birds", "bird", "birds"]
    assert cut_sessions(log, collapse_typed=5) == [["birds"]]
    with pytest.raises(ValueError, match="collapse_typed must be a number"):
        cut_sessions(log, collapse_typed=-1)


def test_the_times_of_sessions():
    sessions, times = cut_sessions(LOG, return_times=True)
    assert sessions == cut_sessions(LOG)
    starts = {"ann": [], "bob": []}
    for user, time in zip(LOG[0], LOG[1], strict=True):
        starts.setdefault(user, []).append(time)
    assert times[0] == min(starts["ann"])
    assert times[1] == min(starts["bob"])
    assert len(times) == 3
    sessions, times = cut_sessions(([], [], []), return_times=True)
    assert (sessions, times.tolist()) == ([], [])


def test_an_empty_log_has_no_sessions():
    assert cut_sessions(([], [], [])) == []


def test_every_kind_of_time():
    seconds = [MARCH_2006, MARCH_2006 + 1, MARCH_2006 + HOUR]
    naive = [datetime(2006, 3, 1), datetime(2006, 3, 1, 0, 0, 1), datetime(2006, 3, 1, 1)]
    expected = split_by_time((list("abc"), seconds, list("abc")), MARCH_2006 + 1)
    assert expected[0].queries == ["a"]
    assert expected[1].queries == ["b", "c"]
    times = [
        np.array(seconds, dtype=np.int32),
        naive,
        [time.replace(tzinfo=timezone.utc) for time in naive],
        pd.Series(naive),
        pd.Series(naive, index=[5, 6, 4]),
        pd.Series(naive).dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        np.array(naive, dtype="datetime64[s]"),
        np.array(naive, dtype="datetime64[ns]"),
        [time.isoformat() for time in naive],
    ]
    moments = [
        MARCH_2006 + 1,
        naive[1],
        naive[1].replace(tzinfo=timezone.utc),
        naive[1].replace(hour=2, tzinfo=timezone(timedelta(hours=2))),
        pd.Timestamp(naive[1]),
        np.datetime64("2006-03-01T00:00:01"),
        np.datetime64("2006-03-01T00:00:01", "ns"),
        "2006-03-01 00:00:01",
    ]
    for form in times:
        for at in moments:
            for part, expected_part in zip(
                split_by_time((list("abc"), form, list("abc")), at), expected, strict=True
            ):
                assert part.users == expected_part.users
                assert part.queries == expected_part.queries
                assert_array_equal(part.times, expected_part.times)
        assert cut_sessions((["u"] * 3, form, list("abc"))) == [["a", "b"], ["c"]]


def test_split_by_time():
    train, test = split_by_time(LOG, 1800)
    assert train.queries == ["x", "Birds", "y", "x"]
    assert train.users == ["bob", "ann", "bob", "bob"]
    assert train.times.tolist() == [10, 0, 20, 30]
    assert test.queries == ["Violin", "birds ", " "]
    assert split_by_time(LOG, 1e9)[1].queries == []
    assert split_by_time(LOG, -1)[0].queries == []
    frame = pd.DataFrame(dict(zip(LOG._fields, LOG, strict=True)))
    assert split_by_time((frame.users, frame.times, frame.queries), 1800)[0].users == train.users


@pytest.mark.parametrize("function", [cut_sessions, lambda log: split_by_time(log, 0)])
@pytest.mark.parametrize(
    ("log", "error", "message"),
    [
        ((["a"], [1]), ValueError, "log must be a QueryLog or a tuple"),
        (None, ValueError, "log must be a QueryLog or a tuple"),
        ((["a"], [1, 2], ["b"]), ValueError, "as many users as times .* got 1, 2 and 1"),
        ((["a"], [[1]], ["b"]), ValueError, r"in one dimension, got shape \(1, 1\)"),
        (
            (["a", "a"], [0, np.nan], ["b", "b"]),
            ValueError,
            "must be finite.* got .*nan.* in row 1",
        ),
        ((["a"], [np.inf], ["b"]), ValueError, "must be finite.* in row 0"),
        ((["a"], [pd.NaT], ["b"]), ValueError, "the times of log must be finite.* got NaT"),
        (
            (["a"], np.array(["NaT"], dtype="M8[s]"), ["b"]),
            ValueError,
            "must be finite.* got .*NaT",
        ),
        ((["a"], ["noon"], ["b"]), ValueError, "must be numbers or of ISO 8601, got .noon."),
        ((["a"], [None], ["b"]), TypeError, "the times of log must be .* got None"),
    ],
)
def test_wrong_logs(function, log, error, message):
    with pytest.raises(error, match=message):
        function(log)


def test_wrong_arguments():
    for gap in (-1, np.nan, "1", None):
        with pytest.raises(ValueError, match="gap must be a number in"):
            cut_sessions(LOG, gap=gap)
    with pytest.raises(TypeError, match="queries of type str, got 3 in row 0"):
        cut_sessions((["a"], [0], [3]))
    with pytest.raises(TypeError, match="normalize must return a str, got None for 'x'"):
        cut_sessions((["a"], [0], ["x"]), normalize=lambda query: None)
    for at in (None, [1]):
        with pytest.raises(TypeError, match="at must be seconds"):
            split_by_time(LOG, at)
    with pytest.raises(ValueError, match="at must be finite"):
        split_by_time(LOG, np.nan)


def test_subject_sessions():
    sessions, books = load_subject_sessions(), load_book_subjects()
    for part in ("train", "test"):
        shuffled, headings = sessions[f"{part}_sessions"], books[f"{part}_labels"]
        assert [sorted(session) for session in shuffled] == headings
        # Two headings stand either way round in half of the sessions.
        pairs = [session for session in shuffled if len(session) == 2]
        n_sorted = sum(a < b for a, b in pairs)
        assert abs(n_sorted - len(pairs) / 2) < 2 * len(pairs) ** 0.5
    assert load_subject_sessions() == sessions
    for name in ("60,888", "6,766", "Finna", "CC0", "YSO", "CC BY 4.0", "seed 0"):
        assert name in sessions.DESCR


def test_delimiters_and_names(write):
    rows = [["when", "query", "who"], ["0", "hose, green", "ann"], ["60", 'a "b"', ""]]
    commas = 'when,query,who\n0,"hose, green",ann\n\n60,"a ""b""",\n'
    expected = ["ann", ""], [0, 60], ["hose, green", 'a "b"']
    names = {"columns": ("who", "when", "query")}
    for content, options in [
        (commas, {"delimiter": ",", **names}),
        (commas.replace(",", ";").replace("hose;", "hose,"), {"delimiter": ";", **names}),
        ("\n".join(map("\t".join, rows)), names),
        ("\n".join(map("\t".join, rows)), {"columns": (2, 0, 1), "header": True}),
    ]:
        log = read_query_log(write(content), **options)
        assert (log.users, log.times.tolist(), log.queries) == expected
    with pytest.raises(ValueError, match=r"log\.tsv, line 1: there is no column 'user' among"):
        read_query_log(write(commas), columns=("user", "when", "query"), delimiter=",")
    with pytest.raises(ValueError, match=r"line 3: expected 3 columns, separated by commas, got 1"):
        read_query_log(write("a,1,b\na,2,c\na\n"), delimiter=",")
    with pytest.raises(ValueError, match="delimiter must be one character, got ''"):
        read_query_log(write(commas), delimiter="")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig", "cp1252"])
def test_encodings(write, encoding):
    content = "ann\t0\tLärm\r\nbob\t1\té\n".encode(encoding)
    log = read_query_log(write(content), encoding=encoding)
    assert (log.users, log.queries) == (["ann", "bob"], ["Lärm", "é"])


def test_bytes_that_are_no_text(write):
    path = write(b"ann\t0\tL\xe4rm\n")
    with pytest.raises(ValueError, match=r"log\.tsv, line 1: not UTF-8"):
        read_query_log(path)
    assert read_query_log(path, errors="replace").queries == ["L\ufffdrm"]
    for options in ({"encoding": "klingon"}, {"errors": "shrug"}):
        with pytest.raises(ValueError, match="encoding and errors must be known to Python"):
            read_query_log(path, **options)


@pytest.mark.parametrize(
    ("factor", "unit"), [(1e3, "milliseconds"), (1e6, "microseconds"), (1e9, "nanoseconds")]
)
def test_times_of_finer_units_are_noticed(write, factor, unit):
    times = np.array([1.7e9, 1.7e9 + 60]) * factor
    message = f"times must be seconds since 1970, got .* looks like {unit}: divide them by"
    with pytest.raises(ValueError, match=message):
        cut_sessions((["a", "a"], times, ["x", "y"]))
    lines = "".join(f"a\t{time:.0f}\tx\n" for time in times)
    with pytest.raises(ValueError, match=rf"log\.tsv: {message}"):
        read_query_log(write(lines))


@pytest.mark.parametrize("nobody", [None, "", float("nan"), np.nan, pd.NA, pd.NaT])
def test_nobody_is_somebody_else_in_each_row(nobody):
    users = [nobody, "ann", nobody, "ann", nobody, 0]
    log = users, range(6), ["a", "b", "c", "d", "e", "f"]
    assert cut_sessions(log) == [["a"], ["b", "d"], ["c"], ["e"], ["f"]]


def test_a_frame_of_three_columns():
    frame = pd.DataFrame({"who": ["ann", None, "ann"], "when": [0, 5, 9], "what": ["a", "b", "c"]})
    assert cut_sessions(frame) == [["a", "c"], ["b"]]
    assert split_by_time(frame, 5)[1].queries == ["b", "c"]
    with pytest.raises(ValueError, match="log must be a QueryLog or a tuple"):
        cut_sessions(frame[["who", "when"]])
