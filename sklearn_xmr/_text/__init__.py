"""From texts to tf-idf weighted n-grams.

Texts become arrays of code points, cut into spans, the words or whole texts that n-grams are taken
from. Each n-gram is found in a hash table, the vocabulary, and what is found makes the rows of a
CSR matrix. All of that is done by kernels, for a chunk of texts at a time, in threads.

The estimators, with what users may set:

- `char_ngram`: `CharNgramTfidf`, n-grams of characters.
- `word_ngram`: `WordNgramTfidf`, n-grams of words, without stop words.
- `ngram_tfidf`: `NgramTfidf`, what the two have in common: fit, transform, vocabulary and idf.
- `extend_mixin`: terms that come after fit.

What they are made of:

- `text_checks`: checks of texts and parameters, in scikit-learn's words.
- `strings`: Python strings, and where their characters lie in memory.
- `spans`: from strings to the words or whole texts that n-grams are taken from.
- `word_breaks`: what kind of character each is, for words as Unicode bounds them.
- `ngram_counts`: n-grams, vocabularies and counts, chunk by chunk.
- `tfidf_rows`: rows of weights, of texts or of counts.
- `unseen_terms`: terms that a vocabulary lacks, and it with them.

Before all that:

- `word_forms`: words in one form each, whether typed or written on a title.
- `spelling`: words that a misspelt word may stand for.
"""
