"""What kernels do with memory, written for numba's compiler directly.

Numba compiles each of these from NumPy's own words as well, but that takes long: the first
`raw.view(dtype)` of a process 0.27 s and each further one 0.08 s, `row.fill(0)` about 0.1 s. Shapes of rows
are constants here, so that the compiler knows where each number of a row lies.
`envs.engine.core.kernels` has the same functions in plain Python, in whose place these are put.

They check nothing: kernels make sure that arrays are large enough before they use them.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

__all__ = ["clear", "clear_bytes", "copy_bytes", "records", "row"]


@intrinsic
def records(_: Any, raw: Any, dtype: Any) -> Any:
    """An array of bytes as an array of records."""
    array = types.Array(dtype.dtype, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = make_array(raw)(context, builder, arguments[0])
        size = context.get_constant(types.intp, dtype.dtype.size)
        count = builder.udiv(source.nitems, size)
        return _array(context, builder, array, source.data, [count], [size])

    return array(raw, dtype), generate


@intrinsic
def row(_: Any, array: Any, i: Any, shape: Any) -> Any:
    """Row `i` of an array, which is known to have this shape."""
    part = types.Array(array.dtype, len(shape), "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = make_array(array)(context, builder, arguments[0])
        sizes = cgutils.unpack_tuple(builder, arguments[2])
        item = context.get_abi_sizeof(context.get_data_type(array.dtype))
        strides = [context.get_constant(types.intp, item)]
        for size in reversed(sizes):
            strides.insert(0, builder.mul(size, strides[0]))
        data = cgutils.pointer_add(builder, source.data, builder.mul(arguments[1], strides[0]))
        return _array(context, builder, part, data, sizes, strides[1:])

    return part(array, types.intp, types.UniTuple(types.intp, len(shape))), generate


@intrinsic
def clear(_: Any, array: Any) -> Any:
    """Fill an array with zeros."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target = make_array(array)(context, builder, arguments[0])
        cgutils.memset(builder, target.data, builder.mul(target.nitems, target.itemsize), 0)
        return context.get_dummy_value()

    return types.void(array), generate


@intrinsic
def clear_bytes(_: Any, raw: Any, start: Any, count: Any) -> Any:
    """Fill `count` bytes from `start` on with zeros."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target = make_array(raw)(context, builder, arguments[0])
        cgutils.memset(builder, cgutils.pointer_add(builder, target.data, arguments[1]), arguments[2], 0)
        return context.get_dummy_value()

    return types.void(raw, types.intp, types.intp), generate


@intrinsic
def copy_bytes(_: Any, raw: Any, source: Any, target: Any, count: Any) -> Any:
    """Copy `count` bytes from `source` on to `target` on, which do not overlap."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = make_array(raw)(context, builder, arguments[0]).data
        to, of = (cgutils.pointer_add(builder, data, arguments[k]) for k in (2, 1))
        cgutils.raw_memcpy(builder, to, of, arguments[3], 1)
        return context.get_dummy_value()

    return types.void(raw, types.intp, types.intp, types.intp), generate


def _array(context: Any, builder: Any, kind: Any, data: Any, shape: Any, strides: Any) -> Any:
    """An array over memory that belongs to somebody else, so that nobody counts references to it."""
    array = make_array(kind)(context, builder)
    populate_array(
        array,
        data=builder.bitcast(data, array.data.type),
        shape=shape,
        strides=strides,
        itemsize=context.get_abi_sizeof(context.get_data_type(kind.dtype)),
        meminfo=None,
    )
    return array._getvalue()
