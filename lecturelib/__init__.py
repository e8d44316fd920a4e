"""A model is a front end, a rule that hides something, one encoder, and a target.

That sentence is the lecture's thesis and the map of this package, read downwards:

    shapes       names of the axes
    data         files -> batches
    frontends    raw signal -> tokens (they own positions)
    encoders     tokens -> context (they know no modality)
    masking      what is hidden
    quantizers   continuous -> discrete targets
    objectives   compare the context at the hidden places with the target
    recipes      the lecture's table as code: bert(), vit(), wav2vec2(), data2vec() ...
    published    weights of torchvision and Hugging Face models into ours
    training     one loop for every objective
    decoding     greedy and beam search
    adapt        pre-trained -> useful: probes, fine-tuning, self-training
    pretraining  one file a recipe: what `pretrain` trains at full pace
    claims       the paper's number, our number, the verdict
    viz          figures and explorers
    exercises    check("name", your_answer)
    grading      a submission's functions, run apart and marked
    lecture      the lecture in a hall: a route of stops, their kernels made ready
    commands     python -m lecturelib doctor | data | run | lab | pretrain | claims | grade ...
    course       slides, words, map and routes, each linked to where it is run

A module imports only from modules above it. A test holds that.
"""
