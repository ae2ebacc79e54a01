"""From texts to products: the estimator that puts the stages together.

`ProductRetriever.fit` reads a catalogue and a click log, trains the parts and leaves one value, a
`FittedRetriever`. A query goes through it from left to right:

    text --query--> vector, words --candidates--> shortlist --ranker--> products, probabilities

- `catalogue`: the products and their texts, and where a product stands among them
- `catalogue_change`: what becomes of a catalogue when products come and go
- `click_log`: from rows of queries and products to distinct queries with all their products
- `text_views`: the default vectorizer, of words, pairs of words and characters
- `query`: what is made of a query: corrections, synonyms, vector, words
- `allowed`: the products that a search may find
- `shortlists`: what the text index and the label tree find, in one array
- `click_memory`: what was clicked after the very same query
- `waiting`: products that wait for the classifier, and what it would say of them
- `training`: trains the parts
- `changed_retriever`: a retriever of other products, their texts and clicks
- `fitted_retriever`: the parts that training makes, and what they answer
- `explanation`: why a product was found
- `abbreviated`: a catalogue in a representation
- `retriever_mixin`: what is asked of a retriever
- `product_retriever`: `ProductRetriever`, its parameters and `fit`
"""
