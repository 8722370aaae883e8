package storefront

// A Product is one article of the catalogue. Prices are in euro.
type Product struct {
	SKU        string
	Name       string
	PriceCents int64
}

var catalogue = []Product{
	{SKU: "mug-blue", Name: "Mug, blue", PriceCents: 1290},
	{SKU: "mug-red", Name: "Mug, red", PriceCents: 1290},
	{SKU: "teapot", Name: "Teapot, cast iron", PriceCents: 5450},
	{SKU: "kettle", Name: "Kettle", PriceCents: 3900},
}

func product(sku string) (Product, bool) {
	for _, p := range catalogue {
		if p.SKU == sku {
			return p, true
		}
	}
	return Product{}, false
}
