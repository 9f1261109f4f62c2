"""Train and measure the digit model: data sets, augmentation, negatives, fit, calibrate, report."""
