"""Sentences for the synthetic voices, written for this course: who, did what, where or when."""

from itertools import product

from lecturelib.data.splits import by_text, check_split

# Each beginning with each middle and each ending makes a sentence of two to four seconds.
_PHRASES = {
    "en": (
        ("The old gardener", "My youngest sister", "A friendly neighbour", "Our new teacher",
         "The tired doctor", "His good friend", "The woman from Vienna", "A famous painter"),
        ("bought seven yellow umbrellas", "read a very long letter", "looked for the small key",
         "told a funny story", "cooked soup with fresh vegetables", "repaired the broken bicycle",
         "sang three quiet songs", "drew a map of the city"),
        ("on Thursday afternoon", "behind the railway station", "before the first snow fell",
         "in the blue kitchen", "while we were waiting", "at the end of the summer",
         "near the big river", "for the whole family"),
    ),
    "de": (
        ("Der alte Gärtner", "Meine jüngste Schwester", "Ein freundlicher Nachbar",
         "Unsere neue Lehrerin", "Die müde Ärztin", "Sein guter Freund", "Die Frau aus Wien",
         "Ein berühmter Maler"),
        ("kaufte sieben gelbe Regenschirme", "las einen sehr langen Brief",
         "suchte den kleinen Schlüssel", "erzählte eine lustige Geschichte",
         "kochte Suppe mit frischem Gemüse", "reparierte das kaputte Fahrrad",
         "sang drei leise Lieder", "zeichnete einen Plan der Stadt"),
        ("am Donnerstagnachmittag", "hinter dem Bahnhof", "vor dem ersten Schnee",
         "in der blauen Küche", "während wir warteten", "am Ende des Sommers",
         "an dem großen Fluss", "für die ganze Familie"),
    ),
    "es": (
        ("El viejo jardinero", "Mi hermana menor", "Un vecino amable", "Nuestra nueva maestra",
         "El médico cansado", "Su buen amigo", "La mujer de Viena", "Un pintor famoso"),
        ("compró siete paraguas amarillos", "leyó una carta muy larga", "buscó la llave pequeña",
         "contó una historia divertida", "cocinó sopa con verduras frescas",
         "arregló la bicicleta rota", "cantó tres canciones tranquilas",
         "dibujó un mapa de la ciudad"),
        ("el jueves por la tarde", "detrás de la estación", "antes de la primera nieve",
         "en la cocina azul", "mientras esperábamos", "al final del verano",
         "cerca del río grande", "para toda la familia"),
    ),
    "fr": (
        ("Le vieux jardinier", "Ma plus jeune sœur", "Un voisin aimable",
         "Notre nouvelle maîtresse", "Le médecin fatigué", "Son meilleur ami",
         "La femme de Vienne", "Un peintre célèbre"),
        ("acheta sept parapluies jaunes", "lisait une très longue lettre",
         "cherchait la petite clé", "racontait une histoire drôle",
         "préparait une soupe aux légumes", "réparait le vélo cassé",
         "chantait trois chansons douces", "dessinait un plan de la ville"),
        ("jeudi après-midi", "derrière la gare", "avant la première neige",
         "dans la cuisine bleue", "pendant que nous attendions", "à la fin de l'été",
         "près de la grande rivière", "pour toute la famille"),
    ),
    "it": (
        ("Il vecchio giardiniere", "La mia sorella minore", "Un vicino gentile",
         "La nostra nuova maestra", "Il medico stanco", "Il suo buon amico",
         "La donna di Vienna", "Un pittore famoso"),
        ("comprò sette ombrelli gialli", "leggeva una lettera molto lunga",
         "cercava la piccola chiave", "raccontava una storia divertente",
         "preparava la minestra con verdure fresche", "riparava la bicicletta rotta",
         "cantava tre canzoni tranquille", "disegnava una mappa della città"),
        ("giovedì pomeriggio", "dietro la stazione", "prima della neve", "nella cucina azzurra",
         "mentre aspettavamo", "alla fine dell'estate", "vicino al grande fiume",
         "per tutta la famiglia"),
    ),
    "ru": (
        ("Старый садовник", "Мой младший брат", "Добрый сосед", "Наш новый учитель",
         "Усталый врач", "Его хороший друг", "Мальчик из Вены", "Известный художник"),
        ("купил семь жёлтых зонтов", "читал очень длинное письмо", "искал маленький ключ",
         "рассказывал смешную историю", "варил суп из свежих овощей",
         "чинил сломанный велосипед", "пел три тихие песни", "рисовал карту города"),
        ("в четверг днём", "за вокзалом", "до первого снега", "на синей кухне",
         "пока мы ждали", "в конце лета", "у большой реки", "для всей семьи"),
    ),
}  # fmt: skip
LANGUAGES = tuple(_PHRASES)


def phrases(language: str, split: str) -> list[str]:
    """The sentences of one split, about 410, 51 and 51 a language: no sentence is in two splits.

    Their parts are: "on Thursday afternoon" is heard in all three.
    """
    check_split(split)
    if language not in LANGUAGES:
        raise ValueError(f"language={language!r}: choose one of {', '.join(LANGUAGES)}")
    whole = [" ".join(parts) + "." for parts in product(*_PHRASES[language])]
    return [text for text in whole if by_text(text) == split]
