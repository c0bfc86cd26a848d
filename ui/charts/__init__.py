"""Chart builders: DataFrames in, Vega-Lite out, no Streamlit."""
