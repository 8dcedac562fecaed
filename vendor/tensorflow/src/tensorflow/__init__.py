"""A stand-in that satisfies `import tensorflow` where no TensorFlow component is used.

Rasa imports TensorFlow in modules that every assistant loads, even when its pipeline
has no use for it. Every attribute and submodule here is an inert placeholder class: it can
be imported, named in an annotation, subclassed and used as a bare decorator. Creating or
calling one raises `RuntimeError` with a message that says what to do.
"""

import importlib.abc
import importlib.machinery
import sys

__version__ = "2.12.0"
ROOTS = ("tensorflow", "keras", "tensorflow_text", "tensorflow_hub", "tensorflow_addons")


class _Inert(type):
    """Class of every placeholder: attributes are placeholders, a call is refused."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return placeholder(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args, **kwargs):
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]  # a decorator such as @tf.function
        raise RuntimeError(
            f"{cls.__qualname__} was used, but this environment holds no TensorFlow, "
            "only a placeholder for it. Take the component that needs it (DIET, TED, "
            "ResponseSelector, LanguageModelFeaturizer ...) out of config.yml."
        )


def placeholder(name):
    """Return an inert class named `name`."""
    return _Inert(name, (), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Give an empty module, whose attributes are placeholders, for every submodule."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] in ROOTS:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def exec_module(self, module):
        dress(module.__dict__)


def dress(namespace):
    """Give the module with this `namespace` placeholders for attributes it lacks."""

    def __getattr__(name):
        if name.startswith("__"):
            raise AttributeError(name)
        return placeholder(f"{namespace['__name__']}.{name}")

    namespace["__getattr__"] = __getattr__


sys.meta_path.append(_Finder())
dress(globals())
