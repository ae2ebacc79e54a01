"""
What the tree learned: which labels are together?
=================================================

Nobody told the indexer what the subjects mean. It has seen which titles have them, and groups those
whose titles are alike.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.preprocessing import MultiLabelBinarizer

from sklearn_xmr import HierarchicalKMeansIndexer, WordNgramTfidf
from sklearn_xmr.datasets import load_book_subjects
from sklearn_xmr.inspection import export_text, plot_label_tree
from sklearn_xmr.label_features import pifa

books = load_book_subjects()
titles, subjects = books.train_texts[:20_000], books.train_labels[:20_000]

# %%
# The forty most frequent subjects are enough to look at.

Y = MultiLabelBinarizer(classes=books.label_names, sparse_output=True).fit_transform(subjects)
frequent = np.sort(np.argsort(-np.asarray(Y.sum(axis=0)).ravel())[:40])
names = [books.label_names[label] for label in frequent]
X = WordNgramTfidf(stop_words="english", min_df=2).fit_transform(titles)
label_features = pifa(X, Y[:, frequent])

indexer = HierarchicalKMeansIndexer(branching_factor=3, max_leaf_size=5, random_state=0)
indexer.fit(label_features)
figure, axes = plt.subplots(figsize=(7, 8), layout="constrained")
plot_label_tree(indexer, label_names=names, ax=axes).set_title("Forty subjects of books")
plt.show()

# %%
# The same as text:

print(export_text(indexer, label_names=names, max_depth=2))
