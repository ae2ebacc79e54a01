"""A search box on the web: ``python examples/search_box/server.py``, then http://127.0.0.1:8000.

Job titles are the queries, occupations the products; both come with the package. It wants FastAPI
and uvicorn: ``pip install fastapi "uvicorn[standard]"``.
"""

import argparse
import asyncio
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from copy import copy, deepcopy
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time
from typing import Annotated, NamedTuple

import uvicorn
from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, StringConstraints

from sklearn_xmr import ProductRetriever, QueryAutocompleter
from sklearn_xmr.datasets import load_job_titles, normalize_query

STATIC = Path(__file__).parent / "static"
LONGEST = 200
Typed = Annotated[str, Query(max_length=LONGEST)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]


class Description(BaseModel):
    """What is known of a product beside its name."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class Model(NamedTuple):
    """All that answers. None is ever changed: a change makes another one."""

    retriever: ProductRetriever
    completer: QueryAutocompleter
    texts: dict
    hidden: frozenset = frozenset()

    def suggest(self, typed, previous):
        """Completions of what is typed, knowing the search before."""
        found = self.completer.complete(previous, typed, k=8, exclude=self.hidden)
        return {"suggestions": [query for query, _ in found]}

    def search(self, query):
        """Products with their probabilities."""
        found = self.retriever.search(query, k=10)
        return {
            "results": [
                {"name": name, "text": self.texts[name], "probability": probability}
                for name, probability in found
            ]
        }

    def why(self, query, name):
        """Words that match, and the log-odds from each source."""
        explanation = self.retriever.explain(query, name)
        evidence = Counter({"of any product": explanation.intercept})
        for feature, value in zip(
            explanation.feature_names, explanation.contributions.tolist(), strict=True
        ):
            is_learned = any(word in feature for word in ("score", "count", "trained", "clicked"))
            evidence["from earlier searches" if is_learned else "from its text"] += value
        return {"words": explanation.matched_words, "log_odds": evidence}

    def changed(self, added, removed):
        """Another model: some products more, or with new texts, and some fewer."""
        retriever, completer = copy(self.retriever), deepcopy(self.completer)
        if added:
            retriever.add_labels(added)
            completer.partial_fit_sessions([[name] for name in added])
        if removed:
            retriever.remove_labels(removed)
        hidden = self.hidden.difference(added).union(removed)
        return Model(retriever, completer, retriever.label_texts_, hidden)


def learn(log, texts):
    """A model of pairs of query and product, and the texts of all products."""
    log = [(query, name) for query, name in log if name in texts]
    retriever = ProductRetriever(label_text=texts, text_matches=30, random_state=0)
    retriever.fit([query for query, _ in log], [name for _, name in log])
    # Who does not find a thing asks for it by another name: its queries make a session.
    sessions = {name: [name] for name in texts}
    for query, name in log:
        sessions[name].append(query)
    completer = QueryAutocompleter(
        normalizer=normalize_query, max_typos="auto", inner_words=True, random_state=0
    )
    return Model(retriever, completer.fit_sessions(sessions.values()), texts)


class SearchBox:
    """The model in use. Who asks keeps the one with which they began, whatever comes meanwhile."""

    def __init__(self, log, texts):
        self.log = log
        self.model = learn(log, texts)
        self.number = 1
        self.learning, self.changing = asyncio.Lock(), asyncio.Lock()

    async def change(self, added, removed):
        """Add and remove products, in a thread: answers go on."""
        async with self.changing:
            self.model = await asyncio.to_thread(self.model.changed, added, removed)

    async def learn_again(self):
        """Learn a model of today's products in another process, and put it in place of the old one.

        What has changed meanwhile is changed in the new one, too, and it must answer first.
        """
        async with self.learning:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                learned = pool.submit(learn, self.log, self.model.texts)
                model = await asyncio.wrap_future(learned)
            async with self.changing:
                now, then = self.model.texts, model.texts
                added = {name: text for name, text in now.items() if then.get(name) != text}
                removed = then.keys() - now.keys()
                if added or removed:
                    model = await asyncio.to_thread(model.changed, added, list(removed))
                model.suggest("a", ""), model.search("a")
                self.model, self.number = model, self.number + 1


def timed(answer, *question):
    """An answer and its milliseconds: too few for handing the question to a thread."""
    start = perf_counter()
    found = answer(*question)
    return JSONResponse(found | {"milliseconds": 1000 * (perf_counter() - start)})


def create_app(box):
    """The web application of a search box."""
    app = FastAPI(title="Search box")

    @app.get("/api/suggest")
    async def suggest(q: Typed, previous: Typed = ""):
        return timed(box.model.suggest, q, previous)

    @app.get("/api/search")
    async def search(q: Typed):
        return timed(box.model.search, q)

    @app.get("/api/why")
    async def why(q: Typed, name: Typed):
        return timed(box.model.why, q, name)

    @app.put("/api/products/{name:path}")
    async def add(name: Name, description: Description):
        await box.change({name: ": ".join(filter(None, [name, description.text]))}, [])
        return await state()

    @app.delete("/api/products/{name:path}")
    async def remove(name: Name):
        await box.change({}, [name])
        return await state()

    @app.post("/api/model")
    async def learn_again():
        if box.learning.locked():
            raise ValueError("A model is being learned already.")
        await box.learn_again()
        return await state()

    @app.get("/api/state")
    async def state():
        seconds = process_time()
        return {"model": box.number, "products": len(box.model.texts), "processor_seconds": seconds}

    @app.exception_handler(ValueError)
    async def refuse(request, error):
        return JSONResponse({"detail": str(error)}, status_code=409)

    app.mount("/", StaticFiles(directory=STATIC, html=True))
    return app


def main():
    """Learn, then serve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    print("Learning from job titles, which takes some seconds ...", flush=True)
    jobs = load_job_titles()
    rows = zip(jobs.train_titles, jobs.train_occupations, strict=True)
    log = [(title, name) for title, names in rows for name in names]
    uvicorn.run(create_app(SearchBox(log, jobs.label_text)), **vars(options), access_log=False)


if __name__ == "__main__":
    main()
