"""What numba has no word for: asking for a cache line, moving a stretch of an array."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

FOR_READING, KEEP_CLOSE, DATA = 0, 3, 1


def _pointer(context, builder, array_type, array, indices):
    value = context.make_array(array_type)(context, builder, array)
    return cgutils.get_item_pointer(context, builder, array_type, value, indices, wraparound=False)


def _emit_prefetch(context, builder, pointer):
    int32 = ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, int32, int32, int32])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    pointer = builder.bitcast(pointer, cgutils.voidptr_t)
    builder.call(function, [pointer, int32(FOR_READING), int32(KEEP_CLOSE), int32(DATA)])
    return context.get_dummy_value()


@intrinsic
def prefetch(typingctx, array, row, column):  # noqa: ARG001
    """Ask the processor to load the cache line of array[row, column]."""

    def codegen(context, builder, signature, args):
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1:])
        return _emit_prefetch(context, builder, pointer)

    return types.void(array, types.intp, types.intp), codegen


@intrinsic
def prefetch_item(typingctx, array, place):  # noqa: ARG001
    """Ask the processor to load the cache line of array[place]."""

    def codegen(context, builder, signature, args):
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1:])
        return _emit_prefetch(context, builder, pointer)

    return types.void(array, types.intp), codegen


@intrinsic
def move(typingctx, array, source, target, count):  # noqa: ARG001
    """Copy array[source : source + count] to `target`; the stretches may overlap."""

    def codegen(context, builder, signature, args):
        array_type = signature.args[0]
        start = _pointer(context, builder, array_type, args[0], [args[1]])
        end = _pointer(context, builder, array_type, args[0], [args[2]])
        itemsize = context.get_abi_sizeof(context.get_data_type(array_type.dtype))
        cgutils.raw_memmove(builder, end, start, args[3], itemsize)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, types.intp), codegen
