"""
Small talk told from requests: greetings, thanks, yes and no, an id alone.

A head learns from a few dozen phrases of both kinds, written for it, and reads the vectors that the clustering reads.
A message of nothing but variables and a handful of chat words needs no head.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from finetune.fitting import fit_head, one_hot
from finetune.mining.variables import replaced
from retrieval.centre import centred
from retrieval.head import Head
from retrieval.prediction import Floats1d, Floats2d

CHAT, REQUEST = "chat", "request"

SMALL_TALK = (
    "hi", "hello", "hey there", "good morning", "good evening", "hello, anybody there?", "hi, how are you?",
    "are you there?", "are you a bot?", "can you help me?", "I need some help please", "I have a question",
    "thanks", "thank you so much", "thanks for your help", "great, thank you", "that was very helpful",
    "many thanks, have a nice day", "bye", "goodbye, take care", "have a great weekend", "see you",
    "ok", "okay, got it", "sure", "yes", "yes please", "yes, that is right", "no", "no thanks", "no, that's all",
    "nothing else", "that's it for now", "perfect", "great", "cool", "fine", "sounds good", "I see", "alright",
    "no problem", "one moment please", "please wait", "just a second", "let me check", "I will try that",
    "done", "I am waiting", "sorry for the trouble", "you're welcome", "I understand", "that's all I needed",
    "my name is John Smith", "Maria Lopez", "it's Anna Keller", "my account number is a number", "the last four digits are a number",
    "my email is anna@example.com", "my phone number is a number", "here is the number", "date of birth is a date",
    "12 Oak Street, Springfield", "it is for two people", "tomorrow morning", "on Monday", "from London",
    "in ten minutes", "yes, my pin code is a number",
)  # fmt: skip
REQUESTS = (
    "where is my order?", "I want to return these shoes", "how do I reset my password?", "my card was stolen",
    "I want to cancel my subscription", "how much does shipping cost?", "can I change my delivery address?",
    "I was charged twice", "please refund my payment", "the app keeps crashing", "do you have this in size M?",
    "I'd like to book a table for tonight", "what are your opening hours?", "how long does delivery take?",
    "I want to open an account", "what is my balance?", "send me a copy of my invoice", "the product arrived broken",
    "can I pay by credit card?", "I forgot my username", "please update my phone number", "can I move my appointment?",
    "is my flight on time?", "I want to speak to someone about my bill", "do you ship to Canada?", "how do I set up the device?",
    "my internet is slow", "can I get a discount?", "transfer money to my savings", "I need a new cheque book",
    "I lost my luggage", "can I bring my dog?", "what documents do I need?", "how do I get a visa?", "where is the nearest store?",
    "I want to upgrade my plan", "my coupon does not work", "is there a warranty on this?", "how do I close my account?",
    "please stop sending me emails", "can you check the status of my application?", "the payment was declined",
    "I did not get the confirmation", "I would like to make an appointment", "what's the exchange rate?",
    "what is the weather going to be?", "set an alarm for seven", "play some music", "how do I cook rice?",
    "remind me to call my mother", "how do you say hello in French?", "I need to file a claim", "can I have the menu?",
)  # fmt: skip

_WORDS_LIST = (
    "hi hello hey hii hiya dear good morning afternoon evening day thanks thank thx you so much ok okay k kk yes yep yeah ya no "
    "nope bye goodbye sure fine great cool perfect nice please welcome alright right hmm hm oh ah s y n u ty many very all "
    "is it my the a an and id number"
)
_WORDS = frozenset(_WORDS_LIST.split())
_VARIABLE = "\0"


@dataclass(frozen=True, slots=True)
class Ear:
    """What tells small talk by its vector, fitted on the phrases above."""

    head: Head
    mean: Floats1d

    @classmethod
    def of(cls, phrases: Floats2d) -> Ear:
        """Return the ear for the encoder that gave these vectors, (n, dim), of `phrases()`."""
        mean = phrases.mean(axis=0)
        kinds = [CHAT] * len(SMALL_TALK) + [REQUEST] * len(REQUESTS)
        classes = (CHAT, REQUEST)
        weights = np.ones(len(kinds), np.float32)
        points = centred(phrases, mean)
        return cls(fit_head(points, classes, one_hot(classes, kinds), weights), mean)

    def chat(self, vectors: Floats2d) -> Floats1d:
        """Return (n,): how probably each message is small talk."""
        probable = self.head.probabilities(centred(vectors, self.mean))
        return np.asarray(probable[:, 0], dtype=np.float32)


def phrases() -> Sequence[str]:
    """Return what an ear is fitted on, to be read by the encoder."""
    return (*SMALL_TALK, *REQUESTS)


def empty(text: str) -> bool:
    """Say whether a message holds nothing but variables and chat words, whatever its vector says."""
    rest = replaced(text, lambda kind: _VARIABLE)
    words = re.findall(r"[^\W\d_]+", rest.casefold())
    return all(word in _WORDS for word in words)
