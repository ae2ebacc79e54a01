"""A backend for Annif, the National Library of Finland's tool that suggests subjects for documents.

Annif 1.4 has a fixed list of backends and no entry points for more. It imports the module that
``ANNIF_CONFIG`` names, whatever starts it, and this one adds itself to the list::

    export ANNIF_CONFIG=sklearn_xmr_annif.Config

A server takes ``sklearn_xmr_annif.ProductionConfig``, which loads all projects when it starts.

Documents and subjects' names are both cut to the words of the project's analyzer. The names are
where the subjects' weights start, so that those with few documents, or none, are suggested, too.
"""

import os.path
from types import MappingProxyType

import annif.backend
import annif.util
import numpy as np
from annif.backend.backend import AnnifBackend
from annif.default_config import Config, ProductionConfig
from annif.exception import NotInitializedException, NotSupportedException
from annif.suggestion import SubjectSuggestion, SuggestionBatch
from scipy import sparse
from sklearn.pipeline import make_pipeline

from sklearn_xmr import WordNgramTfidf, XRLinearClassifier, load, save

__all__ = ["Config", "ProductionConfig", "XmrBackend"]


class XmrBackend(AnnifBackend):
    """Subjects by an `XRLinearClassifier`, on words and word pairs.

    In ``projects.cfg``, ``backend=xmr`` and any of these parameters, which are those of
    `WordNgramTfidf` and of the classifier. ``vocab=id(exclude=uri|uri)`` leaves subjects out of
    training and of what is suggested; after training, it takes effect on what is suggested.
    """

    name = "xmr"
    DEFAULT_PARAMETERS = MappingProxyType(
        {"ngram": 2, "min_df": 1, "c": 0.5, "prior_strength": 1.0, "n_trees": 1, "beam_width": 30}
    )
    MODEL_FILE = "model.xmr"
    _model = _candidates = None

    def initialize(self, parallel=False):
        """Load the model, and find out which of its subjects may be suggested."""
        if self._model is not None:
            return
        path = os.path.join(self.datadir, self.MODEL_FILE)
        if not os.path.exists(path):
            raise NotInitializedException(f"model {path} not found", backend_id=self.backend_id)
        self.debug(f"loading model from {path}")
        self._model = load(path)
        classifier = self._model[-1]
        is_active = np.zeros(len(classifier.classes_), dtype=bool)
        numbers = np.array([number for number, _ in self.project.subjects.active], dtype=int)
        is_active[numbers[numbers < len(is_active)]] = True  # no subjects added since training
        self._candidates = classifier.prepare_candidates(is_active)

    def _train(self, corpus, params, jobs=0):
        if corpus == "cached":
            raise NotSupportedException("Training xmr project from cached data not supported.")
        if corpus.is_empty():
            raise NotSupportedException("Cannot train xmr project with no documents")
        defaults = self.DEFAULT_PARAMETERS.items()
        given = {name: type(default)(params[name]) for name, default in defaults}
        vectorizer = WordNgramTfidf(
            (1, given.pop("ngram")),
            token_pattern=r"\S+",
            sublinear_tf=True,
            min_df=given.pop("min_df"),
            n_jobs=jobs or -1,
        )
        classifier = XRLinearClassifier(C=given.pop("c"), n_jobs=jobs or -1, random_state=0)
        self.info("tokenizing documents")
        documents = [(self._words(doc.text), list(doc.subject_set)) for doc in corpus.documents]
        texts, subjects = zip(*documents, strict=True)
        names = self._names()
        self.info(f"training with {len(texts)} documents")
        vectorizer.fit([*texts, *names])
        classifier.set_params(label_prior=vectorizer.transform(names), **given)
        classifier.fit(vectorizer.transform(texts), indicator(subjects, len(names)))
        classifier.set_params(label_prior=None)  # its weights are in the model
        model = make_pipeline(vectorizer, classifier)
        annif.util.atomic_save(model, self.datadir, self.MODEL_FILE, method=save)
        self._model = None

    def _suggest_batch(self, documents, params):
        vectorizer, classifier = self._model[0], self._model[-1]
        X = vectorizer.transform([self._words(doc.text) for doc in documents])
        limit = min(int(params["limit"]), len(classifier.classes_))
        ranked = zip(*classifier.rank(X, limit, candidates=self._candidates), strict=True)
        suggestions = [
            [SubjectSuggestion(*pair) for pair in zip(*row, strict=True)] if n_known else []
            for row, n_known in zip(ranked, np.diff(X.indptr), strict=True)
        ]
        return SuggestionBatch.from_sequence(suggestions, self.project.subjects)

    def _words(self, text):
        return " ".join(self.project.analyzer.tokenize_words(text))

    def _names(self):
        names = [""] * len(self.project.subjects)
        for number, subject in self.project.subjects.active:
            names[number] = self._words(subject.labels.get(self.project.vocab_lang, ""))
        return names


def indicator(subjects, n_subjects):
    """The sparse indicator matrix of lists of subjects' numbers."""
    indptr = np.cumsum([0, *map(len, subjects)])
    columns = np.concatenate([np.array(numbers, dtype=np.int32) for numbers in subjects])
    ones = np.ones(len(columns), dtype=np.float32)
    return sparse.csr_array((ones, columns, indptr), shape=(len(subjects), n_subjects))


annif.backend._backend_fns[XmrBackend.name] = lambda: XmrBackend
