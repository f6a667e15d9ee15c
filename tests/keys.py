"""What settings of tests encrypt with."""

SECRET_KEY = "quJISYQtcIK2b1fOgnC9BNosOf+5ffIoA8JwmDAyxOU="
OTHER_KEY = "5SgK6A9ZfbmQ1B0kqE4pV1mZ0b2TzXw9wJ8pXo5l0Nc="
