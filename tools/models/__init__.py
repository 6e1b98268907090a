"""The one gateway to all models: tiers, budget, prices, retries, structured output, ledger."""
