"""Chat servers on this machine: who speaks the OpenAI protocol at the usual ports, and which models it offers.

Nothing but loopback is asked, never through a proxy, and no key is sent: whoever listens there may be a stranger.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

PORTS = (11434, 8000, 8080, 1234)  # Ollama; vLLM and transformers serve; llama.cpp; LM Studio
TIMEOUT_SECONDS = 0.5
LONGEST_ANSWER = 1_000_000  # bytes; a list of a thousand models is a tenth of it
OTHER_KIND = "OpenAI-compatible"
KINDS = {"library": "Ollama", "vllm": "vLLM", "llamacpp": "llama.cpp", "organization_owner": "LM Studio"}  # by owner


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that answered: `url` ends in /v1, `kind` is the name of the program as far as it can be told."""

    url: str
    kind: str
    models: tuple[str, ...]


def discover(timeout: float = TIMEOUT_SECONDS, ports: Sequence[int] = PORTS) -> tuple[FoundServer, ...]:
    """Return the chat servers that answer on 127.0.0.1 within `timeout` seconds, in the order of `ports`.

    A server that wants a key is not found; name it by its URL.
    """
    return asyncio.run(_discover(timeout, ports))


async def _discover(timeout: float, ports: Sequence[int]) -> tuple[FoundServer, ...]:
    import httpx

    # No certificates: it is plain HTTP, and to read them takes longer than to ask. Redirects are not followed.
    async with httpx.AsyncClient(trust_env=False, verify=False, headers={"Accept-Encoding": "identity"}) as client:
        found = await asyncio.gather(*(_look(client, f"http://127.0.0.1:{port}", timeout) for port in ports))
    return tuple(server for server in found if server)


async def _look(client: "httpx.AsyncClient", address: str, timeout: float) -> FoundServer | None:
    """Ask one address; `timeout` is for all that it says together, however slowly."""
    try:
        async with asyncio.timeout(timeout):
            entries = listed(await _get(client, f"{address}/v1/models"))
    except TimeoutError:
        return None
    if entries is None:
        return None
    kind = kind_of(entries)
    if kind == OTHER_KIND and await _is_ollama(client, address, timeout):
        kind = "Ollama"
    return FoundServer(f"{address}/v1", kind, tuple(entry["id"] for entry in entries))


async def _is_ollama(client: "httpx.AsyncClient", address: str, timeout: float) -> bool:
    """Ask for what only Ollama has; its list does not tell where it is empty, or has models of other makers only."""
    try:
        async with asyncio.timeout(timeout):
            answer = await _get(client, f"{address}/api/version")
    except TimeoutError:
        return False
    return isinstance(answer, dict) and isinstance(answer.get("version"), str)


async def _get(client: "httpx.AsyncClient", url: str) -> Any:
    """Return the JSON of a small answer, else None."""
    import httpx

    body = bytearray()
    try:
        async with client.stream("GET", url) as response:
            if response.status_code != 200:
                return None
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > LONGEST_ANSWER:
                    return None
        return json.loads(body)
    except (httpx.HTTPError, ValueError, RecursionError):
        return None


def listed(answer: Any) -> list[dict[str, Any]] | None:
    """Return the models of an answer to /v1/models, or None where it is not of that protocol."""
    if not isinstance(answer, dict) or answer.get("object") != "list" or "data" not in answer:
        return None
    entries = answer["data"] or []  # Ollama without models sends null
    well_formed = isinstance(entries, list) and all(
        isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry["id"].isprintable() for entry in entries
    )
    return entries if well_formed else None


def kind_of(entries: Sequence[Mapping[str, Any]]) -> str:
    """Tell the program from its list of models, where that is possible."""
    for entry in entries:
        if kind := KINDS.get(str(entry.get("owned_by"))):
            return kind
    return "transformers serve" if entries and all(_from_hub_cache(entry) for entry in entries) else OTHER_KIND


def _from_hub_cache(entry: Mapping[str, Any]) -> bool:
    """Tell the form of `transformers serve`: the owner is that of the hub's id, the time a fraction of seconds."""
    owner = entry["id"].partition("/")[0] if "/" in entry["id"] else ""
    return entry.get("owned_by") == owner and isinstance(entry.get("created"), float)
