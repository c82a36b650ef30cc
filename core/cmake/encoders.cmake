# What a decoder does without: the sources of encoders, as a pattern of their paths.
set(N1_ENCODER_PATTERN "_(encode|write)\\.c$|/levels\\.c$|/converter/(survey|share_alphabets|learn_widths|values)\\.c$|/predict/equations\\.c$|/modes/forward/(codes|fit|fit_channels|scale)\\.c$|/modes/contexts/promise\\.c$|/modes/adaptive/plan\\.c$|/modes/piecewise/piece_(fit|sums|survey|trial|widths)\\.c$")
