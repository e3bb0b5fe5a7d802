"""A tiny chat model as a GGUF file, in the form that Qwen and Llama models are published in."""

import json
from pathlib import Path
from typing import Any

from tests.chats import tiny_model

_ENDS = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
_PARTS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def tiny_gguf(folder: Path, kind: str, bits: str, layers: int = 2) -> Path:
    """Save a model of `kind` ("qwen2", "qwen3", "llama"), matrices in "Q8_0" or "Q4_0", and its original beside it."""
    import gguf
    import transformers as untyped

    transformers: Any = untyped
    original = tiny_model(folder / "original", kind, width=128, layers=layers)
    tokenizer = transformers.AutoTokenizer.from_pretrained(original)
    model = transformers.AutoModelForCausalLM.from_pretrained(original)
    file = folder / f"tiny-{kind}-{bits.lower()}.gguf"
    writer = gguf.GGUFWriter(str(file), kind)
    _describe(writer, model.config)
    _tokenizer(writer, tokenizer, json.loads((original / "tokenizer.json").read_text(encoding="utf-8")))
    form = gguf.GGMLQuantizationType[bits]
    for name, tensor in model.state_dict().items():
        values = tensor.float().numpy()
        packed = gguf.quantize(values, form) if values.ndim == 2 else values
        writer.add_tensor(_name(name), packed, raw_dtype=form if values.ndim == 2 else None)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _describe(writer: Any, config: Any) -> None:
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_file_type(7)


def _tokenizer(writer: Any, tokenizer: Any, saved: dict[str, Any]) -> None:
    pieces = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    control = set(tokenizer.get_added_vocab())
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(pieces)
    writer.add_token_types([3 if piece in control else 1 for piece in pieces])
    writer.add_token_merges([" ".join(pair) for pair in saved["model"]["merges"]])
    writer.add_eos_token_id(tokenizer.convert_tokens_to_ids("<|im_end|>"))
    writer.add_bos_token_id(tokenizer.convert_tokens_to_ids("<|endoftext|>"))
    writer.add_pad_token_id(tokenizer.convert_tokens_to_ids("<|endoftext|>"))
    writer.add_chat_template(tokenizer.chat_template)


def _name(name: str) -> str:
    whole, _, kind = name.rpartition(".")  # "weight" or "bias"
    if whole in _ENDS:
        return f"{_ENDS[whole]}.{kind}"
    _, _, layer, part = whole.split(".", 3)
    return f"blk.{layer}.{_PARTS[part]}.{kind}"
