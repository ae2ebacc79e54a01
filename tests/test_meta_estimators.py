"""scikit-learn's meta-estimators around text pipelines: as the guide's table says."""

from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    TunedThresholdClassifierCV,
    learning_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.semi_supervised import SelfTrainingClassifier

from sklearn_xmr import CalibratedRanker, WordNgramTfidf, XRLinearClassifier

N_ROWS = 240
CLASSIFIER = XRLinearClassifier(random_state=0)
PIPELINE = make_pipeline(WordNgramTfidf(), CLASSIFIER)
GRID = {"xrlinearclassifier__C": [0.5, 1.0]}


def last_weights(model):
    """Weights of the labels, for what selects features."""
    return model.layers_[-1].coef_.toarray().T


def after_words(estimator):
    return make_pipeline(WordNgramTfidf(), estimator)


CLASSES = {
    "CalibratedClassifierCV": CalibratedClassifierCV(PIPELINE, cv=2),
    "StackingClassifier": StackingClassifier([("a", PIPELINE)], LogisticRegression(C=10), cv=3),
    "VotingClassifier, hard": VotingClassifier([("a", PIPELINE), ("b", PIPELINE)]),
    "VotingClassifier, soft": VotingClassifier([("a", PIPELINE)], voting="soft"),
    "BaggingClassifier": after_words(BaggingClassifier(CLASSIFIER, 3, random_state=0)),
    "AdaBoostClassifier": after_words(
        AdaBoostClassifier(XRLinearClassifier(C=N_ROWS, random_state=0), n_estimators=2)
    ),
    "OneVsRestClassifier": after_words(OneVsRestClassifier(CLASSIFIER)),
    "OneVsOneClassifier": after_words(OneVsOneClassifier(CLASSIFIER)),
    "OutputCodeClassifier": after_words(OutputCodeClassifier(CLASSIFIER, random_state=0)),
    "RFE": after_words(
        RFE(CLASSIFIER, n_features_to_select=0.9, step=0.5, importance_getter=last_weights)
    ),
    "SelectFromModel": make_pipeline(
        WordNgramTfidf(),
        SelectFromModel(CLASSIFIER, threshold="0.1*mean", importance_getter=last_weights),
        CLASSIFIER,
    ),
    "GridSearchCV": GridSearchCV(PIPELINE, GRID, cv=3),
    "HalvingGridSearchCV": HalvingGridSearchCV(PIPELINE, GRID, cv=3, random_state=0),
    "CalibratedRanker": CalibratedRanker(PIPELINE, random_state=0),
}
FEW = {
    "AdaBoostClassifier": "its second round learns what the first got wrong: noise",
    "OneVsOneClassifier": "780 models",
}
BOTH = {
    "OneVsRestClassifier": CLASSES["OneVsRestClassifier"],
    "GridSearchCV": GridSearchCV(PIPELINE, GRID, cv=KFold(3)),
    "CalibratedRanker": CLASSES["CalibratedRanker"],
}
DENSE = {
    "ClassifierChain": after_words(ClassifierChain(CLASSIFIER)),
    "MultiOutputClassifier": MultiOutputClassifier(PIPELINE),
}


def noise(rng):
    return " ".join(f"noise{number}" for number in rng.integers(30, size=2))


@cache
def classes(n_classes):
    """Texts that give their class away, seven times in eight."""
    rng = np.random.default_rng(0)
    y = np.arange(2 * N_ROWS) % n_classes
    told = np.where(rng.random(len(y)) < 1 / 8, rng.permutation(y), y)
    return [f"about{c} {noise(rng)}" for c in told], np.array([f"class {c:02}" for c in y])


@cache
def indicator():
    rng = np.random.default_rng(0)
    Y = (rng.random((2 * N_ROWS, 6)) < 0.3).astype(int)
    texts = [" ".join(f"about{j}" for j in np.flatnonzero(row)) + " " + noise(rng) for row in Y]
    return texts, Y


# Scikit-learn 1.7 warns of the 40 classes, whatever the classifier is.
@pytest.mark.filterwarnings("ignore:The number of unique classes")
@pytest.mark.parametrize("n_classes", [3, 40])
@pytest.mark.parametrize("name", CLASSES)
def test_classes(name, n_classes):
    if n_classes == 40 and name in FEW:
        pytest.skip(FEW[name])
    texts, y = classes(n_classes)
    alone = PIPELINE.fit(texts[:N_ROWS], y[:N_ROWS]).score(texts[N_ROWS:], y[N_ROWS:])
    assert alone > 0.7
    model = CLASSES[name].fit(texts[:N_ROWS], y[:N_ROWS])
    assert model.score(texts[N_ROWS:], y[N_ROWS:]) > alone - 0.1


@pytest.mark.parametrize("container", [np.asarray, sp.csr_array, sp.csr_matrix])
@pytest.mark.parametrize("name", [*BOTH, *DENSE])
def test_indicators(name, container):
    texts, Y = indicator()
    if name in DENSE and container is not np.asarray:
        pytest.skip("takes a dense y alone")
    model = {**BOTH, **DENSE}[name].fit(texts[:N_ROWS], container(Y[:N_ROWS]))
    assert f1_score(Y[N_ROWS:], model.predict(texts[N_ROWS:]), average="micro") > 0.9


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in BOTH])
def test_indicators_refused(name):
    if name in ("RFE", "SelectFromModel"):
        pytest.skip("take an indicator")
    texts, Y = indicator()
    reason = "1d array|multilabel|Multilabel"
    with pytest.raises((ValueError, NotImplementedError), match=reason):
        CLASSES[name].fit(texts[:N_ROWS], Y[:N_ROWS])


def test_two_classes():
    texts, y = classes(3)
    y = np.where(y == "class 00", "yes", "no")
    for model in (
        TunedThresholdClassifierCV(PIPELINE, cv=3),
        FixedThresholdClassifier(PIPELINE, threshold=0.4, pos_label="yes"),
    ):
        assert model.fit(texts[:N_ROWS], y[:N_ROWS]).score(texts[N_ROWS:], y[N_ROWS:]) > 0.8
        with pytest.raises(ValueError, match="Only binary classification is supported"):
            model.fit(*classes(3))


@pytest.mark.parametrize("n_classes", [3, 40])
def test_unlabelled_rows(n_classes):
    texts, names = classes(n_classes)
    y = np.unique(names, return_inverse=True)[1]
    known = np.where(np.random.default_rng(1).random(N_ROWS) < 0.2, -1, y[:N_ROWS])
    model = after_words(SelfTrainingClassifier(CLASSIFIER)).fit(texts[:N_ROWS], known)
    assert np.mean(model.predict(texts[N_ROWS:]) == y[N_ROWS:]) > 0.7


@pytest.mark.parametrize("kind", ["classes", "indicator"])
def test_curves_and_importances(kind):
    texts, y = classes(3) if kind == "classes" else indicator()
    scores = learning_curve(PIPELINE, texts, y, cv=KFold(3), train_sizes=[0.5, 1.0])[2]
    assert scores.min() > 0.6
    X = WordNgramTfidf().fit_transform(texts).toarray()
    model = XRLinearClassifier(random_state=0).fit(X, y)
    importances = permutation_importance(model, X, y, n_repeats=1, random_state=0).importances
    assert importances.max() > 0.05
