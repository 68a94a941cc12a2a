"""Descent Lab: `streamlit run app.py`."""

import streamlit as st

from lab import navigation, session, startup

st.set_page_config(page_title="Descent Lab", page_icon=":material/show_chart:", layout="wide")
startup.prepare()
page = navigation.header(session.translate())
page.run()
