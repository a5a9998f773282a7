"""What every page rests on: the request, who asks, forms, words, errors."""
