# Deciding, explaining, placing.
