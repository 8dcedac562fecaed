"""Stand-ins for what Rasa imports in every assistant and Linden never calls.

Rasa 3.6 imports TensorFlow, plotting, cloud storage and a client for each messenger in modules that every
assistant loads, at two gigabytes, some seconds of each start and a hundred megabytes of memory. Where such
a package is not installed, its import gives an empty module of inert placeholder classes: they can be
imported, named in an annotation, subclassed and used as a bare decorator. Creating or calling one raises
`RuntimeError` with a message that says what to do. A package that is installed is imported as ever, but for the few parts
in `COVERED`.
"""

import importlib.abc
import importlib.machinery
import sys

ROOTS = frozenset({
    "tensorflow", "keras", "tensorflow_text", "tensorflow_hub", "tensorflow_addons",  # DIET, TED, ResponseSelector
    "sklearn_crfsuite", "skops",  # CRFEntityExtractor, SklearnIntentClassifier, LogisticRegressionClassifier
    "matplotlib", "networkx",  # rasa test, rasa visualize
    "boto3", "botocore", "pymongo",  # DynamoDB, MongoDB, models on S3
    "aio_pika", "aiormq", "confluent_kafka",  # event brokers
    "aiogram", "fbmessenger", "mattermostwrapper", "rocketchat_API", "webexteamssdk", "socketio", "google",  # channels
})  # fmt: skip
# Stood in for where it is installed, too: spaCy's command line, which it imports at a third of a second of each start.
COVERED = frozenset({"spacy.cli"})
VERSIONS = {"tensorflow": "2.12.0"}  # what Rasa compares


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
            f"{cls.__qualname__} was used, but this environment holds only a placeholder for it "
            "(vendor/placeholders). Take what needs it out of config.yml, endpoints.yml or credentials.yml, "
            "or add its package to pyproject.toml."
        )


def placeholder(name):
    """Return an inert class named `name`."""
    return _Inert(name, (), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives an empty module, whose attributes are placeholders, for each of `names` and all that lies below."""

    def __init__(self, names):
        self._names = tuple(f"{name}." for name in names)

    def find_spec(self, fullname, path=None, target=None):
        if f"{fullname}.".startswith(self._names):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def exec_module(self, module):
        def __getattr__(name):
            if name.startswith("__"):
                raise AttributeError(name)
            return placeholder(f"{module.__name__}.{name}")

        module.__getattr__ = __getattr__
        if module.__name__ in VERSIONS:
            module.__version__ = VERSIONS[module.__name__]


sys.meta_path.append(_Finder(ROOTS))  # the last to be asked
sys.meta_path.insert(0, _Finder(COVERED))
