import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/** Runs after the measured code has ended, and never loads it: a wrong result is a crash. */
public final class Check {
  public static void main(String[] args) throws Exception {
    int limit = Numbers.limit();
    BitSet composite = new BitSet(limit);
    int right = 0;
    for (int number = 2; number < limit; number++) {
      if (composite.get(number)) continue;
      right++;
      for (long multiple = (long) number * number; multiple < limit; multiple += number) composite.set((int) multiple);
    }
    int told = Integer.parseInt(Files.readString(Path.of("out", "count.txt")).trim());
    if (told != right) throw new AssertionError(told + " primes below " + limit + " are wrong: " + right);
  }
}
