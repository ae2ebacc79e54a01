"""What the server of the search box answers."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from urllib.error import HTTPError

import pytest


def suggestions(site, typed, previous=""):
    return site.get("suggest", q=typed, previous=previous)["suggestions"]


def found(site, query):
    return [result["name"] for result in site.get("search", q=query)["results"]]


def test_results_have_texts_probabilities_reasons_and_times(site):
    answer = site.get("search", q="gardn hose")
    first = answer["results"][0]
    assert first["name"] == "garden hose"
    assert first["text"] == "garden hose: One garden hose, as good as new."
    assert 0 < first["probability"] < 1
    assert answer["milliseconds"] > 0
    why = site.get("why", q="garden hose", name="garden hose")
    assert why["words"] == ["garden", "hose"]
    log_odds = site.box.model.retriever.explain("garden hose", "garden hose").log_odds
    assert sum(why["log_odds"].values()) == pytest.approx(log_odds)


def test_suggestions_forgive_errors_and_know_the_search_before(site):
    assert suggestions(site, "gardne h")[0] == "garden hose"
    assert suggestions(site, "", "reel")[0] == "hose reel"
    assert suggestions(site, "", "plant")[0] == "hosta plant"


def test_products_come_and_go(site):
    added = site.call("PUT", "products/rain barrel/butt", {"text": "Holds water."})
    assert added["products"] == 17
    assert found(site, "rain barrel")[0] == "rain barrel/butt"
    assert "rain barrel/butt" in suggestions(site, "rain")
    assert site.call("DELETE", "products/rain barrel/butt")["products"] == 16
    assert "rain barrel/butt" not in found(site, "rain barrel")
    assert suggestions(site, "rain b") == []
    site.call("PUT", "products/rain barrel/butt", {"text": "It is back."})
    assert suggestions(site, "rain b") == ["rain barrel/butt"]


def test_what_cannot_be_done_is_said_and_changes_nothing(site):
    for refused, code, says in [
        (("DELETE", "products/piano"), 409, "piano"),
        (("PUT", "products/ ", {"text": ""}), 422, "at least 1 character"),
        (("PUT", "products/piano", {"text": "x" * 2001}), 422, "at most 2000 characters"),
    ]:
        with pytest.raises(HTTPError) as raised:
            site.call(*refused)
        assert raised.value.code == code
        assert says in raised.value.read().decode()
    with pytest.raises(HTTPError, match="422"):
        site.get("search", q="x" * 201)
    assert site.get("state")["products"] == 16


def test_a_model_is_swapped_without_a_dropped_request(site):
    done = Event()

    def ask_on():
        n_answers = 0
        while not done.is_set():
            assert found(site, "desk lamp")[0] == "desk lamp"
            n_answers += 1
        return n_answers

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask_on) for _ in range(3)]
        swapping = pool.submit(site.call, "POST", "model")
        try:
            # Changes made while the new model learns are not lost.
            site.call("PUT", "products/doorbell", {"text": "Rings."})
            site.call("DELETE", "products/drill")
            while not site.box.learning.locked() and not swapping.done():
                pass
            assert swapping.result(timeout=60)["model"] == 2
        finally:
            done.set()
        assert all(answers.result() > 1 for answers in asking)
    assert site.get("state")["products"] == 16
    assert found(site, "doorbell")[0] == "doorbell"
    assert "drill" not in found(site, "drill")
