"""The one door to all models: tiers, budget, prices, retries, structured output, ledger."""
