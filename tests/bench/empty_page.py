import streamlit as st

st.empty()
