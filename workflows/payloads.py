"""Payloads as JSON, read and written as pydantic does it."""

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)


class _Json(PydanticJSONPlainPayloadConverter):
    """Shares what it knows of types: every workflow has a converter of its own, which would learn them anew."""

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """Read a value of a type; raises pydantic's ValidationError for what is none."""
        return _adapter(Any if type_hint is None else type_hint).validate_json(payload.data)


class _Converter(CompositePayloadConverter):
    """The SDK's own converters, with ours for JSON."""

    def __init__(self) -> None:
        """Replace one."""
        own = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(_Json() if isinstance(one, JSONPlainPayloadConverter) else one for one in own))


DATA_CONVERTER = DataConverter(payload_converter_class=_Converter)

_adapter = lru_cache(maxsize=None)(TypeAdapter)
