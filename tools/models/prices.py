"""What tokens cost, from genai-prices; an unknown price is None, never 0."""

from genai_prices import Usage, calc_price

from cliptrail.tools.models.catalog import Chosen


def price(chosen: Chosen, input_tokens: float, output_tokens: float) -> float | None:
    """Return the dollars for a number of tokens; None if the model's price is not known."""
    if chosen.local:
        return 0.0
    used = Usage(input_tokens=int(input_tokens), output_tokens=int(output_tokens))
    try:
        found = calc_price(used, model_ref=chosen.name, provider_id=chosen.provider)
    except LookupError:
        return None
    return float(found.total_price)
