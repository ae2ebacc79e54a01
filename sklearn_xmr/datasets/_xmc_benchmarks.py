"""Benchmark sets of extreme classification, downloaded once and checked whenever they are used."""

import gzip
import hashlib
import shutil
import tarfile
import zlib
from pathlib import Path
from typing import NamedTuple

from sklearn.datasets import get_data_home
from sklearn.utils import Bunch

from .._files import canonical_floats, new_folder, read_json, read_npz, write_json
from .._sparse import in_configured_container


class Benchmark(NamedTuple):
    """Where a set is found, and what is known of it.

    Attributes
    ----------
    url : str
        A tar archive compressed by gzip, with a folder for the set.
    sha256 : str or None
        The archive's checksum; None where nobody has published one.
    n_train, n_features, n_labels : int
        The published size of the training matrices.
    """

    url: str
    sha256: str | None
    n_train: int
    n_features: int
    n_labels: int


URL = "https://archive.org/download/pecos-dataset/xmc-base/{}.tar.gz"
# Sizes from https://github.com/amzn/pecos/blob/mainline/examples/spmm/README.md, which publishes no
# checksums, nor does another place that could be cited.
BENCHMARKS = {
    name: Benchmark(URL.format(name), None, *sizes)
    for name, sizes in {
        "eurlex-4k": (15449, 186104, 3956),
        "wiki10-31k": (14146, 101938, 30938),
        "amazoncat-13k": (1186239, 203882, 13330),
        "amazon-670k": (490449, 135909, 670091),
        "wiki-500k": (1779881, 2381304, 501070),
        "amazon-3m": (1717899, 337067, 2812281),
    }.items()
}

# The files that are kept, and where they are in the archive's folder of the set.
MEMBERS = {
    "X_train.npz": "tfidf-attnxml/X.trn.npz",
    "X_test.npz": "tfidf-attnxml/X.tst.npz",
    "Y_train.npz": "Y.trn.npz",
    "Y_test.npz": "Y.tst.npz",
}
CHECKSUMS = "sha256.json"
BLOCK_BYTES = 1 << 24

DESCR = """\
{name}
{underline}

A benchmark set of extreme classification, as distributed with PECOS: tf-idf features after
AttentionXML and a label indicator.

training samples  {n_train:,}
test samples      {n_test:,}
features          {n_features:,}
labels            {n_labels:,}

Downloaded from {url}
SHA-256 of the archive: {sha256}
"""


def fetch_xmc_benchmark(name, *, data_home=None, download_if_missing=True, sha256=None):
    """Load a benchmark set of extreme classification, downloading it if necessary.

    ================  =========  =========  =========
    name              training   features   labels
    ================  =========  =========  =========
    "eurlex-4k"          15,449    186,104      3,956
    "wiki10-31k"         14,146    101,938     30,938
    "amazoncat-13k"   1,186,239    203,882     13,330
    "amazon-670k"       490,449    135,909    670,091
    "wiki-500k"       1,779,881  2,381,304    501,070
    "amazon-3m"       1,717,899    337,067  2,812,281
    ================  =========  =========  =========

    Parameters
    ----------
    name : str
        One of the names above.
    data_home : str or path-like or None, default=None
        Where to keep it; None is the folder of :func:`sklearn.datasets.get_data_home`. It goes into
        ``sklearn_xmr/<name>`` there.
    download_if_missing : bool, default=True
        If False, a set that has not been downloaded yet is an error.
    sha256 : str or None, default=None
        The checksum that the archive must have, or must have had.

    Returns
    -------
    :class:`~sklearn.utils.Bunch`
        Dictionary-like object with the attributes

        X_train, X_test : csr_matrix of float32 of shape (n_samples, n_features)
            Tf-idf features. All matrices are a csr_array where scikit-learn is configured with
            ``sparse_interface="sparray"``.
        Y_train, Y_test : csr_matrix of float32 of shape (n_samples, n_labels)
            Label indicators.
        sha256 : str
            The checksum of the archive that they came from.
        DESCR : str
            What the set is and where it came from.

    Raises
    ------
    ValueError
        If there is no set of that name, the archive's checksum is not `sha256`, it is broken or
        not of the published size, or a file has changed since it was downloaded. Of an
        archive that fails nothing is kept.
    OSError
        If the archive cannot be downloaded, or must not be.
    ImportError
        If there is something to download, and pooch is not installed.

    See Also
    --------
    load_xmc_file : Loads sets in the text format of the Extreme Classification Repository.

    Notes
    -----
    The archives are those that the authors of PECOS [1]_ keep at https://archive.org. **Nobody has
    published their checksums.** So the first download is trusted if it is an undamaged archive
    whose matrices have the published sizes; its checksum is recorded, and every later use is
    checked against that record. To be surer, compare ``sha256`` with what others got, or pass it.

    The repository's other sets (Bibtex, Delicious, Mediamill and so on) stand behind pages that
    programs cannot download from; get them from there [2]_ by hand, and load them with
    :func:`load_xmc_file`.

    References
    ----------
    .. [1] Yu et al., "PECOS: Prediction for Enormous and Correlated Output Spaces", Journal of
       Machine Learning Research 23, 2022.
    .. [2] Bhatia et al., "The extreme classification repository: Multi-label datasets and code",
       2016, http://manikvarma.org/downloads/XC/XMLRepository.html.

    Examples
    --------
    >>> from sklearn_xmr.datasets import fetch_xmc_benchmark
    >>> eurlex = fetch_xmc_benchmark("eurlex-4k")  # doctest: +SKIP
    >>> eurlex.X_train.shape, eurlex.Y_train.shape  # doctest: +SKIP
    ((15449, 186104), (15449, 3956))
    """
    if name not in BENCHMARKS:
        raise ValueError(f"name must be one of {', '.join(BENCHMARKS)}, got {name!r}.")
    benchmark = BENCHMARKS[name]
    folder = Path(get_data_home(data_home)) / "sklearn_xmr" / name
    if folder.exists():
        return _load(folder, name, benchmark, sha256)
    if not download_if_missing:
        raise OSError(f"{name} is not in {folder}, and `download_if_missing` is False.")
    with new_folder(folder) as made:
        _download(name, benchmark, sha256, made)
        return _load(made, name, benchmark, sha256)


def _download(name, benchmark, sha256, folder):
    try:
        import pooch
    except ImportError as error:
        raise ImportError(
            'fetch_xmc_benchmark needs pooch: pip install ".[datasets]" in a clone of sklearn_xmr, '
            "or pip install pooch."
        ) from error
    try:
        archive = Path(
            pooch.retrieve(
                benchmark.url, sha256 or benchmark.sha256, fname="archive.tar.gz", path=folder
            )
        )
    except OSError as error:
        raise OSError(f"{name} could not be downloaded from {benchmark.url}: {error}") from error
    _unpack(archive, name, benchmark.url)
    checksums = {path.name: _sha256(path) for path in folder.iterdir()}
    archive.unlink()
    write_json(folder / CHECKSUMS, checksums)


def _unpack(archive, name, url):
    wanted = {f"xmc-base/{name}/{member}": file_name for file_name, member in MEMBERS.items()}
    try:
        with gzip.open(archive) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                if member.isfile() and member.name in wanted:
                    with open(archive.parent / wanted.pop(member.name), "wb") as target:
                        shutil.copyfileobj(tar.extractfile(member), target)
            while stream.read(BLOCK_BYTES):
                pass  # up to the end, where gzip has its checksum
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{url}: not a complete archive of {name} ({error}).") from error
    if wanted:
        raise ValueError(f"{url}: not a complete archive of {name}: no {', '.join(wanted)}.")


def _load(folder, name, benchmark, sha256):
    recorded = read_json(folder / CHECKSUMS)
    archive = recorded.get("archive.tar.gz")
    expected = sha256 or benchmark.sha256
    if expected and archive != expected:
        raise ValueError(
            f"{folder}: came from an archive with SHA-256 {archive}, but {expected} is asked for. "
            "Delete the folder to download it again."
        )
    matrices = {}
    for file_name in MEMBERS:
        path = folder / file_name
        if not path.is_file() or _sha256(path) != recorded.get(file_name):
            raise ValueError(
                f"{path}: is missing or has changed since it was downloaded. Delete {folder} to "
                "download it again."
            )
        matrices[path.stem] = canonical_floats(read_npz(path), path)
    _check_sizes(matrices, name, benchmark)
    descr = DESCR.format(
        name=name,
        underline="=" * len(name),
        n_test=matrices["X_test"].shape[0],
        **benchmark._asdict() | {"sha256": archive},
    )
    kept = {key: in_configured_container(matrix) for key, matrix in matrices.items()}
    return Bunch(**kept, sha256=archive, DESCR=descr)


def _check_sizes(matrices, name, benchmark):
    n_test = matrices["X_test"].shape[0]
    for key, matrix in matrices.items():
        n_rows = benchmark.n_train if key.endswith("train") else n_test
        n_columns = benchmark.n_features if key.startswith("X") else benchmark.n_labels
        if matrix.shape != (n_rows, n_columns):
            raise ValueError(
                f"{benchmark.url}: {key} of {name} has shape {matrix.shape}, but "
                f"{(n_rows, n_columns)} is published."
            )


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
