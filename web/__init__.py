"""The web form: pages for people who keep promises, usable on a phone and without JavaScript."""
