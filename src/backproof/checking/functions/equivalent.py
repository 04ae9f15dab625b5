def suspicious_but_right(subject, samples):
    return []
