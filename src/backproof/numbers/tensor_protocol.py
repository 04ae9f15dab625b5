"""What NumPy, and code written for NumPy, asks of an array, and what has no answer for tensors."""

from typing import Any, NoReturn

from backproof.numbers.index_form import BeyondTensorsError


class Unanswered:
    """An array whose entries have no values: NumPy finds its functions, and no truth value."""

    __slots__ = ()

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Return the functions for tensors."""
        from backproof.numbers import tensor_functions

        return tensor_functions

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Answer what NumPy's functions ask entry by entry, such as numpy.exp."""
        if method != "__call__" or kwargs:
            raise BeyondTensorsError(f"numpy.{ufunc.__name__} in this form")
        return self._numpy(ufunc.__name__, inputs, {})

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Answer what NumPy's other functions ask, such as numpy.sum."""
        return self._numpy(func.__name__, args, kwargs)

    def _numpy(self, name: str, args: Any, kwargs: Any) -> Any:
        functions = self.__array_namespace__()
        if name not in functions.FROM_NUMPY:
            raise BeyondTensorsError(f"numpy.{name} is not known of tensors")
        return functions.FROM_NUMPY[name](*args, **kwargs)

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise BeyondTensorsError(
            "the entries of a tensor have no values: they are neither compared, but for z > 0, "
            "nor asked whether they are true, nor changed in place"
        )

    __eq__ = __ne__ = __ge__ = __lt__ = __le__ = __bool__ = __array__ = _refuse
    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imatmul__ = _refuse
    __setitem__ = __getitem__ = __iter__ = __len__ = _refuse
    __hash__ = None  # type: ignore[assignment]
