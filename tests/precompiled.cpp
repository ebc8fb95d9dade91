// Carries the precompiled catch.hpp that every test executable reuses; holds no code of its own.
