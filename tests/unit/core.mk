# deciding, explaining, placing
