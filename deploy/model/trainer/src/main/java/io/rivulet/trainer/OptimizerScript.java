package io.rivulet.trainer;

/**
 * The optimisers as TorchScript; parameters, gradients and moments are changed in place and
 * gradients left at zero.
 */
final class OptimizerScript {
  private OptimizerScript() {}

  /**
   * Methods:
   *
   * <ul>
   *   <li>{@code reduce(g, others, scale)}: g = (g + others) * scale, others = 0; returns the sum
   *       of g's squares.
   *   <li>{@code muon(p, g, m, clip, rate, decay)}: Muon (Jordan et al., 2024): Nesterov momentum
   *       0.95, then five Newton-Schulz steps towards the nearest semi-orthogonal matrix, scaled by
   *       sqrt(max(1, rows / columns)), with decoupled weight decay.
   *   <li>{@code adam(p, g, m, v, clip, rate, first, second)}: Adam with betas 0.9 and 0.95; {@code
   *       first} and {@code second} are the bias corrections 1 - beta^t.
   * </ul>
   */
  static final String METHODS =
      """
      def reduce(self, g: List[Tensor], others: List[Tensor], scale: float) -> float:
        total = 0.
        for i in range(torch.len(g)):
          x = torch.mul_(torch.add_(g[i], others[i]), scale)
          o = torch.zero_(others[i])
          total = torch.add(total, float(torch.sum(torch.mul(x, x))))
        return total

      def muon(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], clip: float, rate: float, decay: float) -> float:
        for i in range(torch.len(p)):
          grad = torch.mul_(g[i], clip)
          momentum = torch.add_(torch.mul_(m[i], 0.95), grad, alpha=0.05)
          x = torch.add(torch.mul(grad, 0.05), momentum, alpha=0.95)
          rows = torch.size(x, 0)
          columns = torch.size(x, 1)
          tall = torch.gt(rows, columns)
          scale = 1.
          if tall:
            x = torch.t(x)
            scale = torch.sqrt(torch.div(rows, columns))
          x = torch.div(x, torch.add(torch.norm(x), 1.0e-07))
          for j in range(5):
            a = torch.matmul(x, torch.t(x))
            b = torch.add(torch.mul(a, -4.775), torch.matmul(a, a), alpha=2.0315)
            x = torch.add(torch.mul(x, 3.4445), torch.matmul(b, x))
          if tall:
            x = torch.t(x)
          q = torch.add_(torch.mul_(p[i], torch.sub(1., torch.mul(rate, decay))), x, alpha=torch.neg(torch.mul(rate, scale)))
          z = torch.zero_(g[i])
        return 0.

      def adam(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], clip: float, rate: float, first: float, second: float) -> float:
        for i in range(torch.len(p)):
          grad = torch.mul_(g[i], clip)
          a = torch.add_(torch.mul_(m[i], 0.9), grad, alpha=0.1)
          b = torch.addcmul_(torch.mul_(v[i], 0.95), grad, grad, value=0.05)
          d = torch.add_(torch.sqrt(torch.div(b, second)), 1.0e-08)
          q = torch.addcdiv_(p[i], a, d, value=torch.neg(torch.div(rate, first)))
          z = torch.zero_(grad)
        return 0.
      """;
}
