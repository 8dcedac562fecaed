"""What is typed: enough different messages of each kind that no cache of earlier ones helps.

A question or a danger is an opener and a sentence without a full stop between them, so that it is read as one piece.
Both assistants get the same questions; dangers and descriptions are read by Linden only.
"""

from __future__ import annotations

from itertools import product

OPENERS = (
    "hi, ", "hello there, ", "please, ", "so ", "ok so ", "good evening, ", "sorry to ask but ", "quick question, ",
    "honestly ", "i know it is late but ", "my sister told me to ask, ", "first time here, ",
)  # fmt: skip
QUESTIONS = (
    "what is a trauma bond",
    "can you tell me what trauma bonding means",
    "how do i know if i am trauma bonded",
    "what are the signs of a trauma bond",
    "why is it so hard to leave",
    "why do trauma bonds happen",
    "how do i break a trauma bond",
    "what does no contact mean",
    "what is love bombing",
    "is it my fault that i stayed",
    "does therapy help with a trauma bond",
    "what is stockholm syndrome",
)
DESCRIPTIONS = (
    "i always make excuses for him when my family asks",
    "my mum asked about the shouting and i made an excuse for him again",
    "whenever my mother asks about the bruises of our arguments i cover for him and say it is stress",
    "i told my boss i fell ill when in truth he kept me up all night with his accusations",
    "when my friends ask i say that we are fine, and then i cry in the bathroom",
    "when my colleagues ask i say that we are happy, and then i cry on the way home",
    "my sister says he treats me badly and i get angry and defend him every time",
    "my best friend says she treats me badly and i get cross and defend her every time",
    "my father says he is rude to me and i defend him every time",
    "when he is kind to me for one evening i forget the whole month before",
    "when he is sweet for a weekend i forget how he was the whole month",
    "i think he is jealous because he loves me so much",
    "i think she shouts at me because she loves me so much",
    "i tell myself that it was not so bad and that he had a hard childhood",
    "i tell people that he is just stressed, although he shouts at me every evening",
    "i tell everyone that i am clumsy so that they do not ask about him",
    "i only remember the good times with him and forget how he was",
    "i only ever think of our holidays and forget how cruel she was all year",
)
DANGERS = (
    "he has a knife and says he will kill me",
    "he is breaking down my door right now",
    "she just tried to strangle me",
    "he has locked me in and has a gun",
    "i am hiding in the bathroom because he is beating me",
    "he choked me until i could not breathe",
    "he is outside my house and he wants to kill me",
    "she came at me with a knife and i am bleeding",
    "i want to kill myself tonight",
    "he hit me in the face and i am scared he comes back",
)
CHALLENGES = ("are you a bot?", "are you a human?", "am I talking to a bot?", "am I talking to a human?")


def combine(sentences: tuple[str, ...]) -> list[str]:
    """Return each opener with each sentence; neighbours in the list share neither."""
    pairs = product(range(len(OPENERS)), range(len(sentences)))
    return [OPENERS[(i + j) % len(OPENERS)] + sentences[j] for i, j in pairs]


ANSWER, DANGER, DESCRIPTION, UTTER = "answer", "danger", "description", "utter-only"
MESSAGES: dict[str, list[str]] = {
    ANSWER: combine(QUESTIONS),
    DANGER: combine(DANGERS),
    DESCRIPTION: list(DESCRIPTIONS),
    UTTER: list(CHALLENGES),
}
