"""Descent Lab: `streamlit run app.py`."""

import streamlit as st

from lab import navigation, session, startup

st.set_page_config(page_title="Descent Lab", page_icon=navigation.ICON, layout="wide")
session.enter()
startup.prepare()
page = navigation.header(session.translate())
page.run()
