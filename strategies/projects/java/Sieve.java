/** Counts the primes below a limit. */
public final class Sieve {
  public static int count(int limit) {
    int found = 0;
    for (int number = 2; number < limit; number++) {
      boolean prime = true;
      for (int divisor = 2; divisor < number && divisor < 20000; divisor++) {
        if (number % divisor == 0) {
          prime = false;
          break;
        }
      }
      if (prime) found++;
    }
    return found;
  }
}
