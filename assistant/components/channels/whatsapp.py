"""WhatsApp, by Twilio (docs/channels/whatsapp.md): buttons need an approved template there, so choices are lines."""

from __future__ import annotations

from assistant.components.channels.twilio import TwilioChannel


class WhatsAppChannel(TwilioChannel):
    """WhatsApp messages."""

    prefix = "whatsapp:"

    @classmethod
    def name(cls) -> str:
        """Name of the channel, and of its address."""
        return "whatsapp"
