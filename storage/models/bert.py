"""Write the embedder as an ordinary sentence-transformers folder: BERT weights, XLM-R tokenizer, mean pooling."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from storage.models.e5 import E5File

LONGEST = 512  # tokens of one text; the rest is cut off

_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]
_PROMPTS = {
    "prompts": {"query": "query: ", "document": "passage: "},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


def write(model: E5File, folder: Path) -> None:
    """Fill `folder` with what `SentenceTransformer(folder)` loads."""
    from safetensors.numpy import save

    # 4-bit weights lose nothing that matters in half precision; config.json says that they compute in single.
    halves = {name: np.ascontiguousarray(tensor, np.float16) for name, tensor in model.tensors.items()}
    hidden = model.shape.hidden  # nothing reads the pooler, but transformers warns at every load where it is missing
    halves["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float16)
    halves["pooler.dense.bias"] = np.zeros(hidden, np.float16)
    (folder / "model.safetensors").write_bytes(save(halves, metadata={"format": "pt"}))
    _tokenizer(model).save(str(folder / "tokenizer.json"))
    settings: dict[str, Any] = {
        "config.json": _config(model),
        "tokenizer_config.json": _tokenizer_config(model),
        "modules.json": _MODULES,
        "sentence_bert_config.json": {"max_seq_length": LONGEST, "do_lower_case": False},
        "config_sentence_transformers.json": _PROMPTS,
        "1_Pooling/config.json": {"word_embedding_dimension": model.shape.hidden, "pooling_mode_mean_tokens": True},
    }
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "2_Normalize").mkdir(exist_ok=True)
    for name, content in settings.items():
        (folder / name).write_text(json.dumps(content, indent=2), encoding="utf-8")


def _config(model: E5File) -> dict[str, Any]:
    shape = model.shape
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": model.special[2],
    }


def _tokenizer_config(model: E5File) -> dict[str, Any]:
    names = {
        key: model.pieces[index][0] for key, index in zip(("bos", "eos", "pad", "unk"), model.special, strict=True)
    }
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": LONGEST,
        **{f"{key}_token": name for key, name in names.items()},
        "cls_token": names["bos"],
        "sep_token": names["eos"],
        "mask_token": "<mask>",
    }


def _tokenizer(model: E5File) -> Any:
    """XLM-R's tokenizer: unigram pieces over text that is normalised as sentencepiece's `nmt_nfkc` does."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    bos, eos = (model.pieces[index][0] for index in model.special[:2])
    tokenizer = Tokenizer(models.Unigram(list(model.pieces), unk_id=model.special[3], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}", special_tokens=[(bos, model.special[0]), (eos, model.special[1])]
    )
    tokenizer.add_special_tokens([AddedToken(model.pieces[i][0], special=True) for i in model.special])
    tokenizer.add_special_tokens([AddedToken("<mask>", special=True, lstrip=True)])
    return tokenizer
