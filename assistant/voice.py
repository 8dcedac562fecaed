"""Who is in danger in a message: the writer, someone else, a child, or someone the writer harms."""

from __future__ import annotations

import re

from assistant.text import normalise

OTHERS = r"(?:sister|sis|brother|bro|friend|bff|bestie|mate|neighbou?r|cousin|niece|nephew|aunt|auntie|uncle|colleague|co-?worker|workmate|roommate|flatmate|housemate|classmate|students?|pupils?|clients?|patients?|tenant|daughter|son|mum|mom|mother|mam|dad|father|nan|gran|grandma|grandmother|girl|woman|lady|man|guy|lad|bloke|someone|somebody|couple)"
LOVERS = r"(?:boyfriend|girlfriend|husband|wife|partner|bf|gf|ex|missus|bloke|fella)"
THIRD = re.compile(
    rf"\b(?:my|our|a|the|this|best|next ?door|one of my|upstairs|downstairs)\s+(?:[\w']+\s+){{0,2}}?{OTHERS}\b|\bmy (?:friends|mates|sisters|brothers|cousins|mums|moms|dads|neighbours) {LOVERS}\b|\bnext ?door\b|\bupstairs\b|\b(?:she|he|they) (?:told|tells|showed|texted|called|texts) me\b",
    re.IGNORECASE,
)
# "my friend's husband hits her", "my brother in law beats my sister": what is done is done to her, not to me.
DONE_TO_OTHER = re.compile(
    rf"\b(?:her|him|them|herself|himself|themselves)\b|\b(?:hits?|beats?|chokes?|hurts?|slaps?|kicks?|punch(?:es)?) my {OTHERS}\b",
    re.IGNORECASE,
)
# "my cousin told me she doesnt want to live", "my daughter wants to die": what is felt is felt by her, not by me.
FELT_BY_OTHER = re.compile(
    rf"\b(?:she|he|they|shes|hes|she's|he's)\b"
    rf"|\b{OTHERS} (?:wants|is|has|had|took|tried|keeps|says|said|talks|thinks|feels|might|could|cuts|cut|overdosed|doesn'?t|isn'?t|won'?t)\b",
    re.IGNORECASE,
)
REPORTED = re.compile(r"\b(?:told|called|texted|rang|messaged|says|said|phoned)\b", re.IGNORECASE)
OWN_WISH = re.compile(
    r"\b(?:i|im|i'm|ive|i've)\b(?! (?:think|guess|believe|know|dont know|heard|found|saw|worry|am worried))",
    re.IGNORECASE,
)
# "my mum died and i want to be with her": the wish is the writer's, whoever else is named.
I_WISH = re.compile(
    r"\bi(?:'d| would| just| only| really| so)* (?:wanna|want to|wish i|wish to|long to|could just|should have|will follow)\b",
    re.IGNORECASE,
)
ME = re.compile(  # "she told me" does nothing to me
    r"\b(?<!told )(?<!tells )(?<!tell )(?<!showed )(?<!shown )(?<!asked )(?<!asks )(?<!called )(?<!texted )(?<!texts )(?<!sent )"
    r"(?:me|if i|myself|hurting me|scared of (?:him|her|them)|i'?m (?:so |really )?scared of)\b",
    re.IGNORECASE,
)
UNDER_AGE = re.compile(
    r"\b(?:i'?m|i am|im|me is|i just turned|am)\s+(?:only\s+|just\s+|still\s+)?(?:[6-9]|1[0-7]|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)\b(?!\s*(?:weeks?|months?|days?|years? (?:into|older|married|in|sober|clean)|hours?|minutes?|%|kg|st\b|pounds|th|am|pm))"
    r"|\b(?:i'?m|i am|im)\s+(?:in\s+)?(?:year|grade|yr)\s*(?:[1-9]|1[0-2])\b|\bi'?m (?:just |only )?a (?:kid|child|minor)\b|\bim (?:just |only )?a (?:kid|child|minor)\b|\bi'?m in (?:primary|middle|secondary|high) ?school\b|\b(?:1[0-7]|[6-9])\s*(?:yo|y/o|yrs? old|years? old)\b(?=.*\b(?:i|me)\b)(?<=\bi'm \d\d years old)",
    re.IGNORECASE,
)
# Told of a parent or somebody with a parent's power over a child, by that child.
PARENT = re.compile(
    r"\bmy (?:mum|mummy|mom|mommy|mam|ma|dad|daddy|da|mother|father|parents|step\w+|step (?:dad|mum|mom)|foster \w+|uncle|grandad|grandpa|teacher|coach"
    r"|mums? (?:bf|boyfriend)|moms? (?:bf|boyfriend))\b",
    re.IGNORECASE,
)
OWN_CHILD = re.compile(
    r"\bmy (?:\w+ )?(?:son|daughter|kid|kids|child|children|boy|girl|baby|toddler|niece|nephew|pupil|student|grand\w+|stepson|stepdaughter|little one)\b"
    r"|\b(?:our|the) (?:kids|children|baby|son|daughter)\b",
    re.IGNORECASE,
)
LOVER = re.compile(
    r"\bmy (?:ex )?(?:boyfriend|girlfriend|bf|gf|husband|wife|hubby|partner|fianc\w+|ex)\b(?!'?s)", re.IGNORECASE
)
WRITER = re.compile(
    r"\b(?:im|i'm|i am|as) an? (?:\w+ )?(?:guy|man|woman|girl|lady|lad|bloke|mother|mum|mom|father|dad)\b",
    re.IGNORECASE,
)
FIRST = re.compile(r"\b(?:i|me|we|us)\b", re.IGNORECASE)
# Violence that the writer has done, as against a wish or a fear to do it.
DONE_BY_ME = re.compile(
    r"\bi(?:'ve| have| just| even| also| sometimes| then| once)*\s+(?:\w+\s+){0,2}?"
    r"(?:hit|hits|slap\w*|beat|beats|punch\w*|push\w*|shov\w*|chok\w*|strangl\w*|grab\w*|hurt|hurts|kick\w*|threw|throw|shook|shak\w*|smack\w*|burn\w*|"
    r"broke|smash\w*|lock\w*|forc\w*|threaten\w*|scream\w*|control\w*|abuse\w*|twist\w*|drag\w*|lost it|lose it|put my hands)\b"
    r"|\b(?:me|i'?m) (?:being|the) (?:abus\w+|monster|one who)|\bmy (?:hand|fist|temper)\b",
    re.IGNORECASE,
)


def voice_of(text: str, intent: str, level: str) -> str:
    """Return "self", "other", "harmer" or "child": whose words a reply should answer."""
    text = WRITER.sub(" ", normalise(text))
    if UNDER_AGE.search(text):
        return "child"
    if level in ("harm_to_others", "child_at_risk") and DONE_BY_ME.search(text):
        return "harmer"
    if level == "child_at_risk" and PARENT.search(text) and FIRST.search(text) and not OWN_CHILD.search(text):
        return "child"
    if level == "harm_to_others" and intent != "concern_for_other":
        return "self"
    if intent == "concern_for_other" and not (LOVER.search(text) and FIRST.search(text) and not THIRD.search(text)):
        return "other"
    own_wish = level == "suicide" and I_WISH.search(text)
    if THIRD.search(text) and DONE_TO_OTHER.search(text) and not ME.search(text) and not own_wish:
        return "other"
    of_other = THIRD.search(text) and FELT_BY_OTHER.search(text) and not OWN_WISH.search(text) and not ME.search(text)
    if of_other and (level == "suicide" or (level == "emergency" and REPORTED.search(text))):
        return "other"
    return "self"
