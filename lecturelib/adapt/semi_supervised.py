"""Semi-supervised learning as on the slide: clusters without labels, Bayes' rule for the names."""

import numpy as np
from jaxtyping import Float, Int
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from torch import Tensor

from lecturelib.shapes import Features, Logits


def name_clusters(
    cluster: Float[Tensor, "labelled clusters"], label: Int[Tensor, " labelled"], classes: int
) -> Float[Tensor, "clusters classes"]:
    """P(class | cluster) from a few labelled points, by Bayes' rule.

    cluster  [labelled, clusters] P(cluster | x), from a mixture fitted without labels
    label    [labelled]
    Returns  [clusters, classes]; rows sum to 1.

    P(class | cluster) is proportional to sum over points x of that class P(cluster | x), plus one
    imagined point spread over all classes (Laplace): a cluster nobody labelled stays undecided.
    """
    one_hot = (label[:, None] == label.new_tensor(range(classes))[None]).to(cluster)
    counts = cluster.T @ one_hot + 1 / classes
    return counts / counts.sum(1, keepdim=True)


def cluster_then_label(
    pool: Features,
    labelled: Float[Tensor, "labelled dim"],
    label: Int[Tensor, " labelled"],
    *,
    classes: int,
    clusters: int = 40,
    seed: int = 0,
) -> Logits:
    """P(class | x) for every x of the pool = sum over clusters P(class | cluster) P(cluster | x).

    pool, labelled  [n, dim] plain features (pixels, mean log-mels); the mixture of Gaussians is
    fitted on all of them, without labels, in the space of their 30 main directions.
    """
    everything = np.concatenate([pool.numpy(), labelled.numpy()])
    directions = PCA(min(30, *everything.shape), random_state=seed).fit(everything)
    mixture = GaussianMixture(clusters, covariance_type="diag", reg_covar=1e-3, random_state=seed)
    mixture.fit(directions.transform(everything))

    def membership(features: Tensor) -> Tensor:
        """P(cluster | x)."""
        found = mixture.predict_proba(directions.transform(features.numpy()))
        return pool.new_tensor(found)

    return membership(pool) @ name_clusters(membership(labelled), label, classes)
