/** The limit of one experiment: new each time. */
public final class Numbers {
  public static int limit() {
    String seed = System.getenv("RALPH_SEED");
    return 60000 + (int) (Long.parseLong(seed == null ? "1" : seed) % 500);
  }
}
