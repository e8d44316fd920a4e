"""Points and a hint for each exercise: 1 for a line or two, 2 for several steps, 3 for a search.

The hint is said to a wrong answer that is none of the exercise's typical slips.
"""

Marks = dict[str, tuple[int, str]]

SELF_TRAINING: Marks = {  # notebook 01
    "accept": (1, "Compare `belief.confidence` with the threshold: as sure as it counts"),
    "ema": (1, "Which of the two keeps the share tau? What is left goes to the other"),
    "turn": (2, "One picture at a time: torch.rot90 over height and width, then stack them"),
    "fair_share": (1, "Each example weighs 1 / (examples of its class); then divide by the sum"),
    "name_clusters": (2, "A count for each cluster and class; 1 / classes on top; rows sum to 1"),
    "info_nce": (2, "Cosines [n, n] over the temperature; the right column of row i is i"),
}
VGG: Marks = {  # notebook 02
    "receptive_field": (3, "Keep size, step and start; a convolution adds (kernel - 1) * step"),
    "stack_weights": (1, "One k x k convolution from C to C channels has k * k * C * C weights"),
    "cut_window": (2, "Pad with zeros first; then no index is below 0"),
    "of_label": (1, "Row i, column label[i]: `gather`, or two index tensors"),
    "weigh_maps": (1, "One number a channel: the mean of `slope` over down and across"),
    "standardised": (1, "Mean and deviation of each COLUMN of `known`, used on `unseen`"),
}
VOICES: Marks = {  # notebook 03
    "statistics": (3, "Sums over real frames, divided by their number; then [mean, deviation]"),
    "unit_length": (1, "Divide each row by its own norm"),
    "cosine": (1, "Make both rows unit length, multiply them, add up over the row"),
    "eer": (3, "Misses and false alarms at each threshold; cross two straight lines"),
    "appearances": (2, "times[who] has both sides: one speaker counts once, two are multiplied"),
    "log_ratio": (3, "Two Gaussians of [a, b]: with `between` off the diagonal, and with 0 there"),
    "to_centroids": (3, "Sums of unit vectors; for its own speaker subtract the clip's vector"),
    "identify": (2, "`speaker.unique(return_inverse=True)` gives names and rows"),
}
TRANSFORMER: Marks = {  # notebook 04
    "attend": (2, "softmax(q k^T / sqrt(d)), -inf where is_pad, times v"),
    "causal_bias": (1, "0 where key <= query + (keys - queries), -inf elsewhere"),
    "sinusoids": (2, "pos / 10000^(2i/dim); sines in the even channels, cosines in the odd ones"),
    "split": (1, "The last axis becomes (heads, d); then heads move in front of time"),
    "leave": (1, "Where does the norm stand in each of the two? x is always added"),
    "only_end": (1, "What may a row that is done write, at what cost? The others stay as they are"),
}
WORDS: Marks = {  # notebook 05
    "keep_probability": (1, "Shares first, f = counts / counts.sum(); a probability is at most 1"),
    "noise_share": (1, "counts ** power in float64, divided by its sum"),
    "change_words": (1, "Two `torch.where`, one in the other: below 0.8, below 0.9, else"),
    "backward": (2, "Place t takes what stands at length - 1 - t; padding stays where it is"),
    "mix": (1, "gamma times the sum of layers, weighted with the softmax of s"),
}
USES: Marks = {  # notebook 05b
    "mean_over_pieces": (1, "Add up what is not padded, divide by how many that are"),
    "best_span": (2, "All sums [batch, first, last]; -inf where last < first or too far; argmax"),
    "ranks": (2, "1 + how many are better + half of how many others are equal"),
}
VIT: Marks = {  # notebook 06
    "cut": (2, "height = (h p), width = (w q): to (h w) patches of (p q c) values"),
    "put_back": (2, "Fill all places with `missing`, then write the seen ones where not hidden"),
    "take_apart": (1, "Less the patch's mean, over sqrt(variance + 1e-6)"),
    "between": (1, "Where does it start, a whole number? Inside is start <= place < start + long"),
    "rollout": (2, "Mean over heads, half of it and half the identity; later layers on the left"),
    "mean_distance": (3, "Drop row and column 0, make rows sum to 1, weigh distances in pixels"),
}
SPEECH: Marks = {  # notebook 07a
    "step_loss": (1, "logsigmoid(true) + the sum of logsigmoid(-wrong), all negative"),
    "expected_share": (1, "A frame stays in sight if none of `span` frames starts a span"),
    "span_mask": (2, "Shift the starts by 0 ... span - 1 and join them; then take filling out"),
    "perplexity": (2, "Shares of each group's entries, entropy with 0 log 0 = 0, exp, sum"),
    "gumbel": (3, "hard - soft.detach() + soft: forward the choice, backward the softmax"),
    "unit_ids": (1, "As with digits: times `entries`, plus the next group's code"),
    "contrastive_loss": (
        2,
        "Cosines of c with q and its negatives, over kappa; q is right",
    ),
    "nearest": (2, "|x - c|^2 has three terms; one is the same for all centres, one is a product"),
}
RECOGNITION: Marks = {  # notebook 07b
    "collapse": (1, "`unique_consecutive` merges neighbours; blanks are 0"),
    "with_blanks": (1, "2 n + 1 zeros; the labels go to places 1, 3, 5 ..."),
    "forward_step": (2, "logsumexp of stay, step and skip, plus frame[states]"),
    "log_likelihood": (3, "Start in states 0 and 1, a step a frame; which have said it all?"),
    "align": (3, "Keep for each frame and state which way in was best, and walk back"),
    "grow": (3, "Blank: same text. Last letter again: same text from `label`, new from `blank`"),
    "edit_distance": (3, "A table: one more than left, above or diagonal, free where words agree"),
    "discounted": (2, "Take 0.75 off each count above 0; what was taken is dealt out by `lower`"),
}
DATA2VEC: Marks = {  # notebook 08
    "follow": (1, "One student after the other, each from where the last one left the teacher"),
    "annealed": (1, "first + (last - first) * step / steps, and `last` from `steps` on"),
    "over_time": (2, "Mean and variance over real places, one for each example and channel"),
    "targets": (2, "The last `top` layers, each place normalised, then their mean, detached"),
    "smooth_l1": (2, "A parabola below beta, a line above; both meet in value and slope"),
    "hidden_loss": (2, "One number a place, then over sqrt(dim), then the mean of hidden places"),
    "agreement": (2, "What is left of squares around each channel's mean; then two variances"),
}

MARKS: dict[str, Marks] = {  # by the module of the notebook's exercises
    "self_training": SELF_TRAINING,
    "vgg": VGG,
    "voices": VOICES,
    "transformer": TRANSFORMER,
    "words": WORDS,
    "uses": USES,
    "vit": VIT,
    "speech": SPEECH,
    "recognition": RECOGNITION,
    "data2vec": DATA2VEC,
}
