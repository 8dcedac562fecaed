"""Fine-tune all-MiniLM-L6-v2 on every labelled message, then export it as int8 ONNX.

One encoder, four heads: the intent of a message, its safety level, the signs that a description
is like, and the single fact that a question asks for. A row teaches only the heads for which it has a label. Run by
`make encoder`, which prepares an environment with torch; nobody else needs it.

    python finetune.py --weights DIR --data ../../data --out . [--epochs 4] [--seed 11]
    python finetune.py --weights DIR --resume model.onnx --sample 14000 --rate 5e-5 --head-rate 3e-4 --epochs 2

`--weights` is a folder with the official `model.safetensors`, checked against its hash.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
import yaml
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import AutoModel, AutoTokenizer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
from assistant.questions import general_questions, read_questions  # plain Python, which this environment can read
from assistant.text import mark, windows

WEIGHTS_SHA256 = {
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db": "all-MiniLM-L6-v2",
    "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658": "all-mpnet-base-v2",
}
LEVELS = [
    "emergency", "suicide", "child_at_risk", "harm_to_others",
    "high_risk", "monitored", "abuse_disclosed", "none",
]  # fmt: skip
# Families whose messages carry no danger by definition, so that they also teach `none`.
HARMLESS = {
    "greet", "goodbye", "thank", "affirm", "deny", "ask_capabilities", "bot_challenge",
    "ask_more", "ask_privacy", "delete_conversation", "inform_location", "ask_stockholm",
    "out_of_scope", "ask_definition", "ask_source", "ask_app", "ask_love_bombing",
}  # fmt: skip
LONG = 40  # words; as in assistant/screen.py
TYPO_RATE = 0.35  # share of training messages that are misspelt anew in each epoch
KEYS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopoasdfghjkklxcvbnn", strict=True))


def read_rows(data: Path, content: Path) -> list[dict]:
    """Return rows with `text` and whichever of `intent`, `level`, `signs` and `item` are known.

    `item` is the fact of content/answers that a question asks for, or that a sentence tells.
    """
    rows: dict[str, dict] = {}

    def row(text: str) -> dict:
        return rows.setdefault(text.strip(), {"text": text.strip()})

    for path in sorted(data.glob("*/*.yml")):
        for entry in yaml.safe_load(path.read_text())["nlu"]:
            for line in entry["examples"].splitlines():
                if line.startswith("- "):
                    found = row(line[2:])
                    found["intent"] = entry["intent"]
                    if entry["intent"] in HARMLESS:
                        found.setdefault("level", "none")
    for topic, questions in read_questions(data / "facts").items():
        for question in questions:
            row(question).setdefault("intent", topic.partition("/")[0])
            row(question)["item"] = topic
    for question in general_questions(data / "facts"):
        row(question).setdefault("level", "none")
    for path in sorted(content.glob("answers/*.yml")):
        answer = yaml.safe_load(path.read_text())
        for item in answer.get("items", []):
            for text in [item["title"], *item["say"], *item.get("again", [])]:
                row(" ".join(text.split()))["item"] = f"{path.stem}/{item['id']}"
    for path in sorted(data.glob("levels/*.txt")):
        for line in path.read_text().splitlines():
            if line.strip():
                row(line)["level"] = path.stem
                if path.stem == "none" and len(line.split()) > LONG:  # its pieces are judged alone, too
                    for piece in random.Random(len(line)).sample(windows(line), k=min(3, len(windows(line)))):
                        row(piece)["level"] = "none"
    for line in (data / "signs" / "descriptions.jsonl").read_text().splitlines():
        entry = json.loads(line)
        row(entry["text"])["signs"] = entry["signs"]
    return list(rows.values())


def marks(row: dict) -> set[int]:
    """Return the marks by which `row` is known again, one for each of its labels."""
    labels = [row[kind] for kind in ("intent", "level", "item") if kind in row]
    labels += [" ".join(sorted(row["signs"]))] if "signs" in row else []
    return {mark(row["text"], label) for label in labels}


def misspell(text: str, rng: random.Random) -> str:
    """Return `text` as a tired thumb might type it: one to three slips, no apostrophes."""
    if rng.random() < 0.5:
        text = text.lower()
    if rng.random() < 0.5:
        text = re.sub(r"[’']", "", text)
    if rng.random() < 0.3:
        text = re.sub(r"[.,!?;:]", "", text)
    letters = list(text)
    for _ in range(rng.randint(1, 1 + min(3, len(letters) // 25 + 1))):
        spots = [i for i, c in enumerate(letters) if c.isalpha()]
        if len(spots) < 4:
            break
        i = rng.choice(spots)
        slip = rng.random()
        if slip < 0.3:
            letters[i] = ""
        elif slip < 0.5:
            letters[i] = letters[i] * 2
        elif slip < 0.75 and i + 1 < len(letters):
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
        else:
            letters[i] = KEYS.get(letters[i], letters[i])
        letters = list("".join(letters))
    return "".join(letters)


class BankedDropout(nn.Dropout):
    """Dropout whose masks are stretches of one drawn beforehand: to draw each anew takes a third of a step."""

    bank: dict[torch.dtype, torch.Tensor] = {}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        if x.dtype not in self.bank:
            self.bank[x.dtype] = ((torch.rand(1 << 23) >= self.p) / (1 - self.p)).to(x.dtype)
        bank = self.bank[x.dtype]
        start = int(torch.randint(len(bank) - x.numel(), ()))  # by torch, whose seed is set
        return x * bank[start : start + x.numel()].view(x.shape)


class Encoder(nn.Module):
    """MiniLM with mean pooling and one linear head a task."""

    def __init__(self, weights: str, intents: int, signs: int, items: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.bert = AutoModel.from_pretrained(
            weights, attn_implementation="eager", attention_probs_dropout_prob=0.0, hidden_dropout_prob=dropout
        )
        for module in self.bert.modules():
            if isinstance(module, nn.Dropout) and module.p == dropout:
                module.__class__ = BankedDropout
        self.typed = self.bert.config.model_type == "bert"
        width = self.bert.config.hidden_size
        self.drop = BankedDropout(dropout)
        self.intent = nn.Linear(width, intents)
        self.level = nn.Linear(width, len(LEVELS))
        self.signs = nn.Linear(width, signs)
        self.items = nn.Linear(width, items)

    def forward(self, input_ids, attention_mask):
        hidden = self.bert(
            input_ids=input_ids,
            attention_mask=attention_mask,
            **({"token_type_ids": torch.zeros_like(input_ids)} if self.typed else {}),
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-6)
        x = self.drop(pooled)
        return pooled, self.intent(x), self.level(x), self.signs(x), self.items(x)


def restore(path: Path, names: list[str]) -> dict[str, torch.Tensor]:
    """Return the weights to go on from: a checkpoint.pt's, or those of an exported int8 model, made float again.

    `names` are the parameters of `Encoder`. Checkpoints are too large to be kept with the project, so a shipped
    model.onnx is what the next fine-tuning starts from; what rounding to seven bits took is learnt again at once.
    """
    if path.suffix != ".onnx":
        return torch.load(path)
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    stored = {entry.name: torch.from_numpy(numpy_helper.to_array(entry).copy()) for entry in graph.initializer}

    def weight(name: str) -> torch.Tensor | None:
        quantized = stored.get(f"{name}_quantized")
        if quantized is None:
            return stored.get(name)
        zero = stored[f"{name}_zero_point"].float()
        return (quantized.float() - zero) * stored[f"{name}_scale"]

    found = {name: weight(name) for name in names}
    for node in graph.node:  # a linear layer's weight is stored transposed, under a name made up by the exporter
        if node.op_type == "MatMulInteger" and node.input[1].startswith("onnx::MatMul"):
            name = node.name.removeprefix("/").removesuffix("/MatMul_quant").replace("/", ".") + ".weight"
            found[name] = weight(node.input[1].removesuffix("_quantized")).T.contiguous()
    for head in ("intent", "level", "signs", "items"):
        if (found[f"{head}.weight"]).shape[0] != found[f"{head}.bias"].shape[0]:
            found[f"{head}.weight"] = found[f"{head}.weight"].T.contiguous()
    return {name: value for name, value in found.items() if value is not None}


def through(value: torch.Tensor, rounded: torch.Tensor) -> torch.Tensor:
    """Return `rounded`, with the gradient of `value` (straight-through: Bengio et al. 2013, arXiv:1308.3432)."""
    return value + (rounded - value).detach()


class RoundedLinear(nn.Linear):
    """A linear layer that computes as the exported model will: weights in seven bits per output, input in eight.

    Learning under this rounding wins back what int8 costs (Jacob et al. 2018, arXiv:1712.05877; for BERT: Zafrir et al.
    2019, arXiv:1910.06188). The same numbers as onnxruntime's DynamicQuantizeLinear and `quantize_dynamic` give.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        low, high = x.detach().amin().clamp(max=0), x.detach().amax().clamp(min=0)
        step = ((high - low) / 255).clamp(min=1e-9)
        zero = (-low / step).round()
        x = through(x, (((x / step).round() + zero).clamp(0, 255) - zero) * step)
        scale = self.weight.detach().abs().amax(1, keepdim=True).clamp(min=1e-9) / 64
        return nn.functional.linear(x, through(self.weight, (self.weight / scale).round() * scale), self.bias)


def compute(model: nn.Module, linear: type[nn.Linear]) -> None:
    """Let all linear layers of `model` compute as `linear` does; their weights stay as they are."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.__class__ = linear


def batches(lengths: list[int], tokens: int, rng: random.Random) -> list[list[int]]:
    """Return index batches of like length with at most `tokens` padded tokens each."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] + rng.random() * 4)
    out, batch = [], []
    for i in order:
        if (batch and (lengths[i] + 2) * (len(batch) + 1) > tokens) or len(batch) == tokens // 32:
            out.append(batch)
            batch = []
        batch.append(i)
    if batch:
        out.append(batch)
    rng.shuffle(out)
    return out


def lessons(teachers: list[Path], texts: list[str], labels: dict, longest: int) -> list[torch.Tensor]:
    """Return what the exported `teachers` think of `texts`, on average: probabilities of intent, level, signs, items.

    Raise SystemExit where a teacher's labels are not `labels`.
    """
    import onnxruntime
    from tokenizers import Tokenizer

    found: list[np.ndarray] = []
    for path in teachers:
        if json.loads(path.with_name("labels.json").read_text()) != labels:
            raise SystemExit(f"{path}: this teacher knows other labels than the messages have")
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(path.with_name("tokenizer.json")))
        tokenizer.enable_truncation(longest)
        pad = next(mark for mark in ("<pad>", "[PAD]") if tokenizer.token_to_id(mark) is not None)
        tokenizer.enable_padding(pad_id=tokenizer.token_to_id(pad), pad_token=pad)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        said: list[list[np.ndarray]] = []
        for start in range(0, len(order), 32):
            encoded = tokenizer.encode_batch([texts[i] for i in order[start : start + 32]])
            inputs = {
                "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
                "attention_mask": np.array([e.attention_mask for e in encoded], dtype=np.int64),
            }
            said.append(session.run(["intent", "level", "signs", "items"], inputs))
        back = np.argsort(order)
        logits = [torch.from_numpy(np.concatenate(parts)[back]) for parts in zip(*said, strict=True)]
        thought = [torch.sigmoid(x) if i == 2 else torch.softmax(x, 1) for i, x in enumerate(logits)]
        found = [a + b for a, b in zip(found, thought, strict=True)] if found else thought
    return [one / len(teachers) for one in found]


def soft_loss(scores: torch.Tensor, taught: torch.Tensor, target: torch.Tensor, warmth: float = 2.0) -> torch.Tensor:
    """Return how far `scores` (n, classes) are from the probabilities `taught`, both at a temperature (Hinton et al.
    2015, arXiv:1503.02531); where the `target` is known, only if the teachers agree with it."""
    keep = (target < 0) | (taught.argmax(1) == target)
    if not keep.any():
        return torch.zeros(())
    wanted = torch.softmax((taught[keep] + 1e-6).log() / warmth, 1)
    return nn.functional.kl_div(torch.log_softmax(scores[keep] / warmth, 1), wanted, reduction="batchmean") * warmth**2


def contrast(pooled: torch.Tensor, target: torch.Tensor, warmth: float = 0.1) -> torch.Tensor:
    """Return how far messages (n, width) of the same `target` are from each other, beside all others of the batch
    (supervised contrastive loss: Khosla et al. 2020, arXiv:2004.11362); those with a negative target stay out."""
    known = target >= 0
    x, y = nn.functional.normalize(pooled[known], dim=1), target[known]
    others = ~torch.eye(len(y), dtype=torch.bool)
    alike = (y[:, None] == y[None, :]) & others
    if not alike.any():
        return torch.zeros(())
    scores = (x @ x.T / warmth).masked_fill(~others, -1e9).log_softmax(1)
    has = alike.any(1)
    return -((scores * alike).sum(1)[has] / alike.sum(1)[has]).mean()


def train(args: argparse.Namespace) -> None:
    Path(args.out).mkdir(parents=True, exist_ok=True)  # an hour's work is lost where it cannot be written
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    weights = Path(args.weights)
    digest = hashlib.sha256((weights / "model.safetensors").read_bytes()).hexdigest()
    if digest not in WEIGHTS_SHA256:
        raise SystemExit(f"{weights}: not the official weights (sha256 {digest})")
    rows = read_rows(Path(args.data), Path(args.content))
    intents = sorted({r["intent"] for r in rows if "intent" in r})
    signs = sorted({s for r in rows for s in r.get("signs", [])})
    items = sorted({r["item"] for r in rows if "item" in r})
    record = Path(args.resume).with_name("learnt.npy") if args.resume else None
    learnt = set(np.load(record).tolist()) if record and record.exists() else set()
    if args.sample:
        known = [row for row in rows if marks(row) <= learnt]
        rows = [row for row in rows if not marks(row) <= learnt] + rng.sample(known, min(args.sample, len(known)))
    if args.share < 1:
        rows = rng.sample(rows, round(args.share * len(rows)))
    counts = defaultdict(int)
    for r in rows:
        for k in ("intent", "level", "signs", "item"):
            counts[k] += k in r
    print(f"{len(rows)} rows, {dict(counts)}, {len(intents)} intents, {len(signs)} signs", flush=True)

    tokenizer = AutoTokenizer.from_pretrained(args.weights)
    model = Encoder(args.weights, len(intents), len(signs), len(items))
    if args.resume:
        known = restore(Path(args.resume), list(model.state_dict()))
        before = json.loads(Path(args.resume).with_name("labels.json").read_text())
        for head, names in (("intent", intents), ("signs", signs), ("items", items)):
            was = before["intents" if head == "intent" else head]
            kept = [name for name in names if name in was]
            for part in ("weight", "bias"):  # a new class begins anew, beside the old ones
                rows_of = model.state_dict()[f"{head}.{part}"].clone()
                rows_of[[names.index(n) for n in kept]] = known[f"{head}.{part}"][[was.index(n) for n in kept]]
                known[f"{head}.{part}"] = rows_of
        model.load_state_dict(known, strict=False)
    for part in [model.bert.embeddings, *model.bert.encoder.layer][: args.frozen]:
        part.requires_grad_(False)
    # What is exported is a running mean of the weights, which generalises better than their last state at no cost
    # (Polyak averaging; for networks: Izmailov et al. 2018, arXiv:1803.05407).
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(args.averaging))
    intent_id = {name: i for i, name in enumerate(intents)}
    target_intent = torch.tensor([intent_id.get(r.get("intent"), -100) for r in rows])
    target_level = torch.tensor([LEVELS.index(r["level"]) if "level" in r else -100 for r in rows])
    target_signs = torch.tensor([[float(s in r.get("signs", [])) for s in signs] for r in rows])
    target_item = torch.tensor([items.index(r["item"]) if "item" in r else -100 for r in rows])
    has_signs = torch.tensor(["signs" in r for r in rows])
    # Rare classes weigh more, but gently: by default the square root of the inverse share.
    share = torch.tensor([(target_level == i).sum().item() for i in range(len(LEVELS))]).float()
    level_weight = (share.mean() / share.clamp(min=1)) ** args.weighting
    level_weight = level_weight / level_weight.mean()
    intent_loss = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=args.smoothing)
    level_loss = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=args.smoothing / 2, weight=level_weight)
    item_loss = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=args.smoothing)
    signs_loss = nn.BCEWithLogitsLoss(pos_weight=torch.full((len(signs),), 4.0))

    labels = {"intents": intents, "levels": LEVELS, "signs": signs, "items": items}
    paths = [Path(path) for path in args.teacher]
    thoughts = lessons(paths, [r["text"] for r in rows], labels, args.longest) if paths else []
    tokens = tokenizer([r["text"] for r in rows], truncation=True, max_length=args.longest)
    lengths = [len(ids) for ids in tokens["input_ids"]]
    heads = [p for m in (model.intent, model.level, model.signs, model.items) for p in m.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": model.bert.parameters(), "lr": args.rate}, {"params": heads, "lr": args.head_rate}],
        weight_decay=0.01,
        fused=True,
    )
    steps = args.epochs * len(batches(lengths, args.tokens, random.Random(0)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1.0, (s + 1) / (0.06 * steps)) * max(0.02, 1 - s / steps)
    )
    step, begun = 0, time.time()
    for epoch in range(args.epochs):
        model.train()
        total, seen = 0.0, 0
        for batch in batches(lengths, args.tokens, rng):
            if step == round(steps * (1 - args.rounded)):
                compute(model, RoundedLinear)
            texts = [rows[i]["text"] for i in batch]
            texts = [misspell(t, rng) if rng.random() < TYPO_RATE else t for t in texts]
            x = tokenizer(texts, truncation=True, max_length=args.longest, padding=True, return_tensors="pt")
            # Half the precision is twice as fast where the processor has AVX512-BF16, and slower elsewhere.
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported()):
                outputs = model(x["input_ids"], x["attention_mask"])
            pooled, intent, level, sign, item = (output.float() for output in outputs)
            loss = torch.zeros(())
            if (target_intent[batch] >= 0).any():
                loss = loss + intent_loss(intent, target_intent[batch])
            if (target_level[batch] >= 0).any():
                loss = loss + level_loss(level, target_level[batch])
            if has_signs[batch].any():
                keep = has_signs[batch]
                loss = loss + 2.0 * signs_loss(sign[keep], target_signs[batch][keep])
            if (target_item[batch] >= 0).any():
                loss = loss + args.item_weight * item_loss(item, target_item[batch])
            if args.contrast:
                loss = loss + args.contrast * contrast(pooled, target_level[batch])
            if thoughts:  # of teachers; signs are left out, since several may be right
                for scores, opinion, target in (
                    (intent, thoughts[0], target_intent),
                    (level, thoughts[1], target_level),
                    (item, thoughts[3], target_item),
                ):
                    loss = loss + args.teaching * soft_loss(scores, opinion[batch], target[batch])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            averaged.update_parameters(model)
            total, seen, step = total + loss.item(), seen + 1, step + 1
            if step % 50 == 0:
                left = (time.time() - begun) / step * (steps - step) / 60
                print(f"epoch {epoch + 1} step {step}/{steps} loss {total / seen:.3f} {left:.0f} min left", flush=True)
        torch.save(averaged.module.state_dict(), Path(args.out) / "checkpoint.pt")
    export(averaged.module, tokenizer, labels, Path(args.out))
    np.save(Path(args.out) / "learnt.npy", np.array(sorted(learnt.union(*map(marks, rows))), dtype=np.uint32))


def export(model: Encoder, tokenizer, labels: dict, out: Path) -> None:
    """Write model.onnx (int8), model.fp32.onnx, tokenizer.json and labels.json into `out`."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model.eval()
    compute(model, nn.Linear)
    x = tokenizer(["a first message", "second"], padding=True, return_tensors="pt")
    torch.onnx.export(
        model,
        (x["input_ids"], x["attention_mask"]),
        out / "model.fp32.onnx",
        input_names=["input_ids", "attention_mask"],
        output_names=["embedding", "intent", "level", "signs", "items"],
        dynamic_axes={n: {0: "batch", 1: "token"} for n in ("input_ids", "attention_mask")},
        opset_version=17,
        dynamo=False,
    )
    # Seven-bit weights: eight-bit ones overflow on CPUs without VNNI (onnxruntime, "quantization", reduce_range).
    quantize_dynamic(
        out / "model.fp32.onnx", out / "model.onnx",
        weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
    )  # fmt: skip
    tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
    (out / "labels.json").write_text(json.dumps(labels, indent=1) + "\n")
    digest = hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest()
    print("model.onnx sha256", digest, (out / "model.onnx").stat().st_size // 1024, "kB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", required=True)
    parser.add_argument("--data", default="../../data")
    parser.add_argument("--content", default="../../content")
    parser.add_argument("--out", default=".")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1.4e-4)
    parser.add_argument("--smoothing", type=float, default=0.05)
    parser.add_argument("--tokens", type=int, default=1536, help="padded tokens in a batch")
    parser.add_argument("--resume", help="a checkpoint.pt, or a model.onnx, to go on from")
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument(
        "--sample",
        type=int,
        default=0,
        help="of what was learnt before, so many rows at random, beside all that is new; 0: all",
    )
    parser.add_argument("--teacher", nargs="*", default=[], help="exported models whose mean opinion is learnt, too")
    parser.add_argument("--teaching", type=float, default=1.0, help="weight of that beside the labels")
    parser.add_argument("--contrast", type=float, default=0.0, help="weight of a contrastive loss over the levels")
    parser.add_argument("--weighting", type=float, default=0.5, help="of rare levels: 0 none, 1 the inverse share")
    parser.add_argument("--share", type=float, default=1.0, help="of the rows, at random")
    parser.add_argument("--longest", type=int, default=160, help="tokens of a row that are read")
    parser.add_argument("--frozen", type=int, default=0, help="layers that stay as they are, the word vectors first")
    parser.add_argument("--item-weight", type=float, default=0.5)
    parser.add_argument("--averaging", type=float, default=0.998, help="share of the mean that a step leaves as it was")
    parser.add_argument("--rounded", type=float, default=0.25, help="share of the steps, the last ones, under rounding")
    parser.add_argument("--seed", type=int, default=11)
    train(parser.parse_args())
