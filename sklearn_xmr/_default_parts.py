"""Parts of an estimator that are None, for a default: their parameters can be set, too."""


class DefaultParts:
    """Lets `set_params` reach parts that are None: the default takes its place first.

    The estimator tells in ``_default_parts()`` what makes the default of each part. It goes before
    `BaseEstimator` among the bases.
    """

    def set_params(self, **params):
        """Set the parameters of this estimator, and of its parts.

        Parameters
        ----------
        **params : dict
            Parameters by name; ``<part>__<parameter>`` for those of a part. A part that is None,
            for the default, becomes that default, with the parameter set.

        Returns
        -------
        object
            The estimator itself.
        """
        for name, make in self._default_parts().items():
            is_meant = any(key.startswith(f"{name}__") for key in params)
            if is_meant and params.get(name, getattr(self, name)) is None:
                setattr(self, name, make())
        return super().set_params(**params)
