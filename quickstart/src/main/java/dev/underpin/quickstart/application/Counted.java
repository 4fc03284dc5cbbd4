package dev.underpin.quickstart.application;

import java.util.List;

/**
 * What was read, and what that took.
 *
 * @param statements how many statements
 * @param suspected what is suspicious about them, such as {@code N_PLUS_ONE}
 */
public record Counted<T>(T value, int statements, List<String> suspected) {}
