package io.rivulet.trainer;

/**
 * The model as TorchScript. Weights come in as a list in the order of {@link ModelShape#tensors()};
 * B sequences of T tokens; D is the model width, H query heads and G key/value heads of size S.
 */
final class ModelScript {
  private ModelScript() {}

  /**
   * Methods:
   *
   * <ul>
   *   <li>{@code hidden(p, tokens [B, T], cos [T, S/2], sin [T, S/2], penalty [L])} returns the
   *       final LayerNorm's output [B, T, D], the summed sparsity penalty, and the share of
   *       non-zero hidden neurons a layer [L].
   *   <li>{@code forward(..., targets [B*T], p)} returns the objective (loss + penalty), the mean
   *       cross entropy in nats, and the shares.
   *   <li>{@code logits(...)} returns the last position's scores, [B, V].
   * </ul>
   *
   * <p>The block is GPT-NeoX rotary attention and {@code down(relu(up x)^2)} (So et al., Primer,
   * 2021), each behind a LayerNorm. The penalty is the mean of relu(up x), weighted a layer, as
   * ProSparse (Song et al., 2024) puts L1 on the activations.
   */
  static String of(ModelShape shape) {
    return """
    def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
      a, b = torch.unbind(torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), torch.size(x, 2), 2, HALF]), 3)
      return torch.cat([torch.sub(torch.mul(a, cos), torch.mul(b, sin)), torch.add(torch.mul(b, cos), torch.mul(a, sin))], 3)

    def hidden(self, p: List[Tensor], tokens: Tensor, cos: Tensor, sin: Tensor, penalty: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
      B = torch.size(tokens, 0)
      T = torch.size(tokens, 1)
      x = torch.mul(torch.embedding(p[0], tokens), SCALE)
      extra = torch.zeros([], dtype=6)
      shares = annotate(List[Tensor], [])
      for i in range(LAYERS):
        k = torch.add(torch.mul(i, PER_LAYER), 1)
        n = torch.layer_norm(x, [WIDTH], p[k], p[torch.add(k, 1)], EPSILON)
        w = torch.cat([p[torch.add(k, 2)], p[torch.add(k, 3)], p[torch.add(k, 4)]], 0)
        q, key, value = torch.split_with_sizes(torch.linear(n, w), [WIDTH, GROUPED, GROUPED], 2)
        q = torch.transpose((self).rotate(torch.reshape(q, [B, T, HEADS, SIZE]), cos, sin), 1, 2)
        key = (self).rotate(torch.reshape(key, [B, T, GROUPS, SIZE]), cos, sin)
        key = torch.reshape(torch.expand(torch.unsqueeze(key, 3), [B, T, GROUPS, SHARED, SIZE]), [B, T, HEADS, SIZE])
        value = torch.reshape(torch.expand(torch.unsqueeze(torch.reshape(value, [B, T, GROUPS, SIZE]), 3), [B, T, GROUPS, SHARED, SIZE]), [B, T, HEADS, SIZE])
        y = torch.scaled_dot_product_attention(q, torch.transpose(key, 1, 2), torch.transpose(value, 1, 2), None, 0., True)
        y = torch.reshape(torch.transpose(y, 1, 2), [B, T, WIDTH])
        x = torch.add(x, torch.linear(y, p[torch.add(k, 5)]))
        n = torch.layer_norm(x, [WIDTH], p[torch.add(k, 6)], p[torch.add(k, 7)], EPSILON)
        h = torch.relu(torch.linear(n, p[torch.add(k, 8)]))
        extra = torch.add(extra, torch.mul(torch.mean(h), penalty[i]))
        shares = torch.append(shares, torch.div(torch.to(torch.count_nonzero(torch.detach(h)), 6), torch.numel(h)))
        x = torch.add(x, torch.linear(torch.square(h), p[torch.add(k, 9)]))
      k = torch.add(torch.mul(LAYERS, PER_LAYER), 1)
      x = torch.layer_norm(x, [WIDTH], p[k], p[torch.add(k, 1)], EPSILON)
      return (x, extra, torch.stack(shares))

    def forward(self, tokens: Tensor, cos: Tensor, sin: Tensor, penalty: Tensor, targets: Tensor, p: List[Tensor]) -> List[Tensor]:
      x, extra, shares = (self).hidden(p, tokens, cos, sin, penalty)
      scores = torch.linear(torch.reshape(x, [-1, WIDTH]), p[0])
      loss = torch.cross_entropy_loss(scores, targets)
      return [torch.add(loss, extra), torch.detach(loss), shares]

    def logits(self, p: List[Tensor], tokens: Tensor, cos: Tensor, sin: Tensor, penalty: Tensor) -> List[Tensor]:
      x, extra, shares = (self).hidden(p, tokens, cos, sin, penalty)
      return [torch.linear(torch.select(x, 1, -1), p[0])]
    """
        .replace("HALF", Integer.toString(shape.headSize() / 2))
        .replace("SCALE", Double.toString(ModelShape.EMBEDDING_SCALE))
        .replace("PER_LAYER", Integer.toString(ModelShape.TENSORS_PER_LAYER))
        .replace("LAYERS", Integer.toString(shape.layers()))
        .replace("WIDTH", Integer.toString(shape.width()))
        .replace("EPSILON", Double.toString(ModelShape.NORM_EPSILON))
        .replace("GROUPED", Integer.toString(shape.groups() * shape.headSize()))
        .replace("GROUPS", Integer.toString(shape.groups()))
        .replace("SHARED", Integer.toString(shape.heads() / shape.groups()))
        .replace("HEADS", Integer.toString(shape.heads()))
        .replace("SIZE", Integer.toString(shape.headSize()));
  }
}
