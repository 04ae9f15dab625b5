"""The slips of someone who derives gradients: each a function of one place in a syntax tree.

General mutation testers know neither `@` nor `.T`.  These know little else.  Each yields what it
would make of the node at `place`; a list of statements is a node too.
"""

import ast
from itertools import pairwise

# Names taken for one another where both are in scope.
KINDS = (
    {"b", "W", "x", "z", "db", "dW"},
    {"z", "y", "m", "u", "du", "slope", "picked", "number", "x_0", "dz_M", "dz", "dx_0"},
)
# Functions and attributes taken for one another, in both directions.
SIBLINGS = (
    ("b", "W"),
    ("x", "z"),
    ("function", "derivative"),
    ("value", "derivative"),
    ("exp", "log"),
    ("max", "min"),
    ("sum", "mean"),
    ("tanh", "sinh"),
    ("erfc", "erf"),
    ("logaddexp", "maximum"),
    ("ones_like", "zeros_like"),
    ("sigmoid", "softplus"),
    ("_identity", "_identity_derivative"),
    ("_relu", "_relu_derivative"),
    ("_tanh", "_tanh_derivative"),
    ("_softplus", "_softplus_derivative"),
    ("_softplus", "_sigmoid"),
    ("_sigmoid", "_sigmoid_derivative"),
    ("_normal_cdf", "_normal_density"),
    ("_gelu", "_gelu_tanh"),
    ("_gelu_derivative", "_gelu_tanh_derivative"),
    ("_gelu_inner", "_gelu_inner_derivative"),
    ("_softmax", "_log_sum_exp"),
    ("_softmax", "_one_hot"),
    ("_same_shape", "_probabilities"),
    ("_same_shape", "_class_labels"),
)
INVERSE = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARISONS = {
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
# Names that only say where.
INDICES = {"k"}
# Fields of a syntax tree that compute nothing.
NOTES = {"decorator_list", "annotation", "returns"}
# Calls that are no functions of an array: to drop one, or to negate what it returns, is no slip.
PLUMBING = {
    *("Tape", "Gradient", "Activation", "Loss"),
    *("namespace", "range", "frompyfunc", "isinstance", "hasattr"),
}
SYMMETRIC = {"logaddexp", "frompyfunc"}


def is_left_alone(node):
    """Whether `node` says something to a reader, or to the type checker, and computes nothing."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Raise() | ast.arguments() | ast.JoinedStr():
            return True
        case ast.Constant(str()) | ast.Expr(ast.Constant(str())):
            return True
        case ast.FunctionDef("__repr__") | ast.If(ast.Name("TYPE_CHECKING")):
            return True
    return False


def transpose_dropped(place):
    match place.node:
        case ast.Attribute(value, "T"):
            yield value


def transpose_added(place):
    match place.parent:
        case ast.BinOp(op=ast.MatMult()) if place.field in ("left", "right"):
            yield ast.Attribute(place.node, "T", ast.Load())
        case _ if is_array(place):
            yield ast.Attribute(place.node, "T", ast.Load())


def operands_swapped(place):
    match place.node:
        case ast.BinOp(left, ast.Sub() | ast.Div() | ast.Pow() | ast.MatMult() as op, right):
            yield ast.BinOp(right, op, left)
        case ast.Subscript(value, ast.Tuple([first, second]), context):
            yield ast.Subscript(value, ast.Tuple([second, first], ast.Load()), context)


def product_confused(place):
    match place.node:
        case ast.BinOp(left, ast.MatMult(), right):
            yield ast.BinOp(left, ast.Mult(), right)
        case ast.BinOp(left, ast.Mult(), right) if not isinstance(left, ast.List):
            yield ast.BinOp(left, ast.MatMult(), right)


def operation_changed(place):
    match place.node:
        case ast.BinOp(left, op, right) if type(op) in INVERSE and not isinstance(left, ast.List):
            yield ast.BinOp(left, INVERSE[type(op)](), right)


def operand_dropped(place):
    match place.node:
        case ast.BinOp(left, ast.Sub(), right):
            yield from (left, ast.UnaryOp(ast.USub(), right))
        case ast.BinOp(left, ast.Div(), right):
            yield from (left, ast.BinOp(ast.Constant(1), ast.Div(), right))
        case ast.BinOp(left, _, right):
            yield from (left, right)
        case ast.BoolOp(_, values):
            yield from values
        case ast.Compare(left, [first, second], [middle, right]):
            yield ast.Compare(left, [first], [middle])
            yield ast.Compare(middle, [second], [right])
        case ast.UnaryOp(ast.Not(), operand):
            yield operand


def sign_changed(place):
    match place.node:
        case ast.UnaryOp(ast.USub(), operand):
            yield operand
        case node if is_array(place):
            yield ast.UnaryOp(ast.USub(), node)


def comparison_changed(place):
    match place.node:
        case ast.Compare(left, ops, comparators):
            for i, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield ast.Compare(left, [*ops[:i], other(), *ops[i + 1 :]], comparators)


def constant_changed(place):
    match place.node:
        case ast.Constant(int(n)) if not isinstance(n, bool):
            yield from (ast.Constant(other) for other in (n + 1, n - 1, 0))


def index_moved(place):
    match place.node:
        case ast.Subscript(array, ast.Name() as index, context):
            for op in ast.Sub(), ast.Add():
                moved = ast.BinOp(index, op, ast.Constant(1))
                yield ast.Subscript(array, moved, context)
        case ast.Attribute(_, "M" | "maps"):
            for op in ast.Sub(), ast.Add():
                yield ast.BinOp(place.node, op, ast.Constant(1))


def variable_swapped(place):
    match place.node:
        case ast.Name(name, ast.Load()):
            for kind in KINDS:
                if name in kind:
                    for other in sorted(kind & place.inside.names):
                        yield ast.Name(other, ast.Load())


def sibling_swapped(place):
    for one, other in (*SIBLINGS, *(pair[::-1] for pair in SIBLINGS)):
        match place.node:
            case ast.Name(name, ast.Load()) if name == one and name not in place.inside.names:
                yield ast.Name(other, ast.Load())
            case ast.Attribute(value, name, context) if name == one:
                yield ast.Attribute(value, other, context)


def call_dropped(place):
    match place.node:
        case ast.Call(ast.Attribute(array, "sum" | "max" | "all" | "astype")):
            yield array
        case ast.Call(_, arguments) as call if name_of(call) not in PLUMBING:
            for argument in arguments:
                if not is_left_alone(argument) and not is_idle(place.parent, argument):
                    yield argument


def argument_dropped(place):
    match place.node:
        case ast.Call(function, arguments, keywords):
            for i, keyword in enumerate(keywords):
                if keyword.arg in ("axis", "keepdims"):
                    yield ast.Call(function, arguments, keywords[:i] + keywords[i + 1 :])


def arguments_swapped(place):
    match place.node:
        case ast.Call(function, args, keywords) as call if name_of(call) not in SYMMETRIC:
            for i, pair in enumerate(pairwise(args)):
                if not any(map(is_left_alone, pair)):
                    yield ast.Call(function, [*args[:i], *pair[::-1], *args[i + 2 :]], keywords)


def statement_deleted(place):
    match place.parent, place.node:
        case _, ast.FunctionDef() | list():
            return
        case ast.FunctionDef() | ast.If() | ast.For(), ast.stmt():
            yield ast.Pass()


def statements_swapped(place):
    match place.node:
        case [*statements] if place.inside.in_call:
            for i, (first, second) in enumerate(pairwise(statements)):
                if depend(first, second):
                    yield [*statements[:i], second, first, *statements[i + 2 :]]


def is_array(place):
    """Whether a statement assigns or returns this and it may well be an array."""
    match place.node:
        case ast.Tuple() | ast.Attribute() | ast.BinOp(ast.List()):
            return False
        case ast.Call() as call:
            return place.inside.is_value and name_of(call) not in PLUMBING
    return place.inside.is_value


def is_idle(statement, value):
    """Whether `statement` does nothing with this value: to write it is to delete the statement."""
    match statement:
        case ast.Expr():
            return True
        case ast.Assign([target]):
            return ast.unparse(target) == ast.unparse(value)
    return False


def depend(first, second):
    """Whether two assignments in a row can be told from the same two the other way round."""
    match first, second:
        case ast.Assign(), ast.Assign():
            return bool(
                names(first.targets) & names([second.value])
                or names(second.targets) & names([first.value])
            )
    return False


def names(nodes):
    found = (part for node in nodes for part in ast.walk(node))
    return {part.id for part in found if isinstance(part, ast.Name)} - INDICES


def name_of(call):
    match call.func:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
    return None


SLIPS = (
    transpose_dropped,
    transpose_added,
    operands_swapped,
    product_confused,
    operation_changed,
    operand_dropped,
    sign_changed,
    comparison_changed,
    constant_changed,
    index_moved,
    variable_swapped,
    sibling_swapped,
    call_dropped,
    argument_dropped,
    arguments_swapped,
    statement_deleted,
    statements_swapped,
)
