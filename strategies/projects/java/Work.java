import java.nio.file.Files;
import java.nio.file.Path;

/** The measured work: its time is taken from outside, and Check reads its result. */
public final class Work {
  public static void main(String[] args) throws Exception {
    Files.writeString(Path.of("out", "count.txt"), String.valueOf(Sieve.count(Numbers.limit())));
  }
}
