"""From words said in a video to claims that can be checked: quotes, verification, coverage."""
